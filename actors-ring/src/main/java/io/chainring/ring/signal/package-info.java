/**
 * Signals that reach a backend or an executor, and the mask of the section in which they must wait (invariant I7).
 * Knows no ring and no actor.
 */
@NullMarked
package io.chainring.ring.signal;

import org.jspecify.annotations.NullMarked;
