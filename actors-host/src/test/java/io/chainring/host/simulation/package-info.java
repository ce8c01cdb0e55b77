/**
 * The simulation of a disk's life (io.chainring.ring.simulation) with the real host's decisions in it.
 * Lives here: the host as a simulated executor.
 * May not come in: actors, threads, files.
 */
@NullMarked
package io.chainring.host.simulation;

import org.jspecify.annotations.NullMarked;
