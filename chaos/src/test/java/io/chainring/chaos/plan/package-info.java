@NullMarked
package io.chainring.chaos.plan;

import org.jspecify.annotations.NullMarked;
