/** Tests of the package of the same name. */
@NullMarked
package io.chainring.gateway.nbd.protocol;

import org.jspecify.annotations.NullMarked;
