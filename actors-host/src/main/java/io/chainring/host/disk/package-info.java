/**
 * One disk as a whole, for nodes and for embedders.
 * What lives here: a disk's store, workers, mask, counts and actors put together, the actor above its supervisors, and the
 * order in which all of it ends.
 * What may not come in: names, lists and commands of disks, sockets, decisions about chains.
 */
@NullMarked
package io.chainring.host.disk;

import org.jspecify.annotations.NullMarked;
