package io.chainring.chaos;

import java.time.Duration;

/**
 * How far a run is.
 *
 * @param operations done
 * @param faults that took place
 * @param errors operations that were answered with an error
 * @param longestPauseMillis time in which a disk answered nobody
 */
public record Progress(
        Duration elapsed, long operations, long faults, long errors, double longestPauseMillis) {}
