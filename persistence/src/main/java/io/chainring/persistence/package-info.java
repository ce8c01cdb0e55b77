/**
 * Pekko Persistence on LevelDB: a journal, a snapshot store and queries, for any Pekko user.
 *
 * <p>Lives here: what others may call: settings, runtime instances, gauges, health, errors, and the registry of open directories.
 *
 * <p>May not come in: rings, disks, or any other part of Chainring.
 */
@NullMarked
package io.chainring.persistence;

import org.jspecify.annotations.NullMarked;
