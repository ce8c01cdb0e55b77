/** Tests of a backend's decisions. */
@NullMarked
package io.chainring.ring.turn;

import org.jspecify.annotations.NullMarked;
