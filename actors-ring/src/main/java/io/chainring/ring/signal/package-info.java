/**
 * Signals that reach a backend or an executor, and the section in which they must wait (invariant I7).
 * Only the contract lives here; the mask itself is the host's.
 */
@NullMarked
package io.chainring.ring.signal;

import org.jspecify.annotations.NullMarked;
