/**
 * Seeded simulation of one disk around the real decision cores: rings, supervisor, frontends, backend, journal, executor,
 * store.
 * Lives here: the simulated world, its actors and the checks of invariants I1 to I10 after every step.
 * May not come in: Pekko, threads, clocks.
 */
@NullMarked
package io.chainring.ring.simulation;

import org.jspecify.annotations.NullMarked;
