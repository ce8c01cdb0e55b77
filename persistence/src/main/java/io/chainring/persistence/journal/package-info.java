/**
 * The journal plugin: Pekko's journal protocol over a store.
 *
 * <p>Lives here: the journal actor and the translation between Pekko's events and stored records.
 *
 * <p>May not come in: LevelDB itself, record layouts.
 */
@NullMarked
package io.chainring.persistence.journal;

import org.jspecify.annotations.NullMarked;
