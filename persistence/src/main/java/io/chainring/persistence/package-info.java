/**
 * LevelDB journal and snapshot store for Pekko Persistence.
 * What lives here: the plugins, their formats and their tools.
 * What may not come in: rings, disks, or anything else of Chainring.
 */
@NullMarked
package io.chainring.persistence;

import org.jspecify.annotations.NullMarked;
