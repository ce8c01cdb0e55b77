/**
 * The parent of one disk's actors: starts them, starts them again with backoff when they die, introduces frontends to
 * each backend incarnation, and is the door through which kills come in. No I/O decisions.
 */
@NullMarked
package io.chainring.ring.supervise;

import org.jspecify.annotations.NullMarked;
