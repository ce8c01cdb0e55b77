/**
 * One open database and everything that is shared by those who use it.
 *
 * <p>Lives here: writing of events and snapshots, numbers of names, deletion in pieces, group commit, failure and reopening.
 *
 * <p>May not come in: actors and Pekko's journal protocol.
 */
@NullMarked
package io.chainring.persistence.store;

import org.jspecify.annotations.NullMarked;
