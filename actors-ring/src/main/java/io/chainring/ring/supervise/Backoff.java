package io.chainring.ring.supervise;

import java.time.Duration;

/**
 * How long to wait before the next incarnation of an actor: not at all after one that lived, then twice as long after
 * each that died sooner than the first wait, up to a limit.
 */
final class Backoff {
    private final Duration first;
    private final Duration longest;
    private int failures;

    Backoff(Duration first, Duration longest) {
        if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException("backoff from " + first + " to " + longest);
        }
        this.first = first;
        this.longest = longest;
    }

    /**
     * The actor died; how long to wait.
     *
     * @param livedNanos how long it had worked
     */
    Duration next(long livedNanos) {
        if (livedNanos >= first.toNanos()) {
            failures = 0;
        }
        failures++;
        if (failures == 1) {
            return Duration.ZERO;
        }
        long factor = 1L << Math.min(failures - 2, 30);
        Duration wait = first.multipliedBy(factor);
        return wait.compareTo(longest) > 0 ? longest : wait;
    }
}
