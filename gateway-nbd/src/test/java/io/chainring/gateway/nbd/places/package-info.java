/** Tests of {@link io.chainring.gateway.nbd.places}. */
@NullMarked
package io.chainring.gateway.nbd.places;

import org.jspecify.annotations.NullMarked;
