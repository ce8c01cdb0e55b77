@NullMarked
package io.chainring.chaos.history;

import org.jspecify.annotations.NullMarked;
