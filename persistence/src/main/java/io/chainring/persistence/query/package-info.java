/**
 * Persistence Query: reading events by persistence id and by tag, and the persistence ids, now and live.
 *
 * <p>Lives here: the read journal and its stream stage.
 *
 * <p>May not come in: writing of any kind.
 */
@NullMarked
package io.chainring.persistence.query;

import org.jspecify.annotations.NullMarked;
