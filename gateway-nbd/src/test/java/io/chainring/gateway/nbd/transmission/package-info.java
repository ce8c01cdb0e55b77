/** Tests of the transmission phase's parts from within. */
@NullMarked
package io.chainring.gateway.nbd.transmission;

import org.jspecify.annotations.NullMarked;
