/** Tests of {@link io.chainring.gateway.nbd.listen}. */
@NullMarked
package io.chainring.gateway.nbd.listen;

import org.jspecify.annotations.NullMarked;
