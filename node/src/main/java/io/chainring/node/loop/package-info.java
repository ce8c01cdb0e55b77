/**
 * Event loops and the Pekko dispatchers over them.
 * What lives here: how many loops, how they wait, and the executor that puts actors on one.
 * What may not come in: disks, sockets, journals.
 */
@NullMarked
package io.chainring.node.loop;

import org.jspecify.annotations.NullMarked;
