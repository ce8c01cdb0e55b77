/**
 * Disks as a node serves them.
 * What lives here: a disk's store, journal, actors and counts put together, and the actors above them.
 * What may not come in: sockets, command line, decisions about chains.
 */
@NullMarked
package io.chainring.node.disk;

import org.jspecify.annotations.NullMarked;
