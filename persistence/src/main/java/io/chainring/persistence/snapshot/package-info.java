/**
 * The snapshot store plugin: Pekko's snapshot protocol over a store.
 *
 * <p>Lives here: the snapshot actor and the translation between snapshots and stored records.
 *
 * <p>May not come in: LevelDB itself, record layouts, anything that runs on a loop.
 */
@NullMarked
package io.chainring.persistence.snapshot;

import org.jspecify.annotations.NullMarked;
