/** Tests of the simulation. */
@NullMarked
package io.chainring.simulation.world;

import org.jspecify.annotations.NullMarked;
