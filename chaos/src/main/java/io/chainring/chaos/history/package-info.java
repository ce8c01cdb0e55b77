/**
 * What clients of disks asked and heard, in the order in which it happened.
 * What lives here: the events, and the files that hold them.
 * What may not come in: verdicts, disks, sockets.
 */
@NullMarked
package io.chainring.chaos.history;

import org.jspecify.annotations.NullMarked;
