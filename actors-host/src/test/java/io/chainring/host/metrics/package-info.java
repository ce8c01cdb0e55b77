@NullMarked
package io.chainring.host.metrics;

import org.jspecify.annotations.NullMarked;
