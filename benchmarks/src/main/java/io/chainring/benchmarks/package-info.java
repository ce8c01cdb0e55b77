/**
 * Measurements of Chainring from inside a JVM.
 * Nothing depends on this package; no decisions, no product code.
 */
@NullMarked
package io.chainring.benchmarks;

import org.jspecify.annotations.NullMarked;
