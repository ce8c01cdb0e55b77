@NullMarked
package io.chainring.chaos;

import org.jspecify.annotations.NullMarked;
