/**
 * Tests of the ring module.
 * What lives here: tests and the simulations that drive the decision cores.
 * What may not come in: block stores, gateways, real time as a proof.
 */
@NullMarked
package io.chainring.ring;

import org.jspecify.annotations.NullMarked;
