/** Tests of the simulation. */
@NullMarked
package io.chainring.simulation;

import org.jspecify.annotations.NullMarked;
