/**
 * One open LevelDB database and its life: opening with its checks, the one write, failing, opening again, room.
 *
 * <p>Lives here: what is the same whatever is stored; its settings, and the exceptions that all who store get.
 *
 * <p>May not come in: persistence ids, events, snapshots.
 */
@NullMarked
package io.chainring.persistence.database;

import org.jspecify.annotations.NullMarked;
