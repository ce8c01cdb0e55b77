/** The driver side's own tests. */
@NullMarked
package io.chainring.ring.frontend;

import org.jspecify.annotations.NullMarked;
