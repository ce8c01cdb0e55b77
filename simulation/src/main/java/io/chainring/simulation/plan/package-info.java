/**
 * What a simulated run is made of.
 * Lives here: the settings, faults and random numbers that a seed stands for.
 * May not come in: what happens in a run.
 */
@NullMarked
package io.chainring.simulation.plan;

import org.jspecify.annotations.NullMarked;
