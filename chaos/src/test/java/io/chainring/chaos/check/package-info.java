@NullMarked
package io.chainring.chaos.check;

import org.jspecify.annotations.NullMarked;
