/** Tests of the mask. */
@NullMarked
package io.chainring.ring.signal;

import org.jspecify.annotations.NullMarked;
