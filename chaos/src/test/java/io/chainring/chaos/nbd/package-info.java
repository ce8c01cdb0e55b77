@NullMarked
package io.chainring.chaos.nbd;

import org.jspecify.annotations.NullMarked;
