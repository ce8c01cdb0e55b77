/** Tests of decisions that need no socket. */
@NullMarked
package io.chainring.gateway.nbd.reload;

import org.jspecify.annotations.NullMarked;
