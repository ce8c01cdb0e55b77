/**
 * The parent of one disk's actors: starts them, starts them again with backoff when they die, introduces frontends to
 * each backend incarnation, and is the door through which rings, kills and the disk's stop come in.
 * What lives here: its decisions ({@code SupervisorCore}), the actor around them, the settings of a disk's ring.
 * What may not come in: I/O decisions; actors into the decisions.
 */
@NullMarked
package io.chainring.ring.supervise;

import org.jspecify.annotations.NullMarked;
