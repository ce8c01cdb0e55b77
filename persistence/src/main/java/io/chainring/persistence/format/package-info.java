/**
 * What the bytes in the database mean: keys, values, checksums, and the mark of what was acknowledged.
 *
 * <p>Lives here: drawn and versioned layouts with their codecs, as pure functions over byte arrays.
 *
 * <p>May not come in: Pekko, the database, any file but the acknowledgement mark.
 */
@NullMarked
package io.chainring.persistence.format;

import org.jspecify.annotations.NullMarked;
