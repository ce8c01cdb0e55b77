/**
 * What a journal does with one open database, shared by those who use it.
 *
 * <p>Lives here: writing and reading of events, snapshots and tags, numbers of names, deletion in pieces, group commit.
 *
 * <p>May not come in: actors and Pekko's journal protocol; how a database is opened, fails and is opened again.
 */
@NullMarked
package io.chainring.persistence.store;

import org.jspecify.annotations.NullMarked;
