@NullMarked
package io.chainring.chaos.process;

import org.jspecify.annotations.NullMarked;
