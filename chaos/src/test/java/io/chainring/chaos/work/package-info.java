@NullMarked
package io.chainring.chaos.work;

import org.jspecify.annotations.NullMarked;
