/** Tests of decisions that need no socket. */
@NullMarked
package io.chainring.gateway.nbd.access;

import org.jspecify.annotations.NullMarked;
