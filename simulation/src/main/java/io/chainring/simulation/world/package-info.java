/**
 * One disk and everything around it, simulated around the real decision cores.
 * Lives here: supervisor, frontends, backend, journal, host, store and clients of one run, and the checks of I1 to I10 after each step.
 * May not come in: Pekko, threads, clocks.
 */
@NullMarked
package io.chainring.simulation.world;

import org.jspecify.annotations.NullMarked;
