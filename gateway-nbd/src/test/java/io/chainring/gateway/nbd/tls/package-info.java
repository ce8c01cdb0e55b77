/** Tests of decisions that need no socket. */
@NullMarked
package io.chainring.gateway.nbd.tls;

import org.jspecify.annotations.NullMarked;
