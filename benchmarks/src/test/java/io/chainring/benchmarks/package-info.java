/**
 * Tests that the measurements measure.
 * No figures: those come from runs on a quiet machine.
 */
@NullMarked
package io.chainring.benchmarks;

import org.jspecify.annotations.NullMarked;
