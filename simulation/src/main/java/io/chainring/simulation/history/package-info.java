/**
 * What clients of a simulated disk asked and heard, and what it may have been.
 * Lives here: requests, the judges of their history, and how a broken promise is told.
 * May not come in: the world that makes the history.
 */
@NullMarked
package io.chainring.simulation.history;

import org.jspecify.annotations.NullMarked;
