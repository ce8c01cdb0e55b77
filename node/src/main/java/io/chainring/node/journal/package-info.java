/**
 * The commands {@code chainring journal ...}.
 * What lives here: options, and words for people; the work is done by the library's tools.
 * What may not come in: reading or writing of a journal's bytes.
 */
@NullMarked
package io.chainring.node.journal;

import org.jspecify.annotations.NullMarked;
