package io.chainring.ring.supervise;

import java.time.Duration;

/**
 * How long to wait before the next incarnation of an actor: not at all after one that was of use, nor after the first
 * that was not; then twice as long after each further one that was not, up to a limit. How long one lived does not count:
 * what fails slowly fails as well. A death that was asked for says nothing about the actor, so it makes no wait longer.
 */
final class Backoff {
    private final Duration first;
    private final Duration longest;
    private int inVain;

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
     * @param wasOfUse whether it got anything done, or had nothing to do
     * @param onPurpose whether somebody had it killed
     */
    Duration next(boolean wasOfUse, boolean onPurpose) {
        if (wasOfUse) {
            inVain = 0;
        } else if (!onPurpose) {
            inVain++;
        }
        if (inVain <= 1) {
            return Duration.ZERO;
        }
        long factor = 1L << Math.min(inVain - 2, 30);
        Duration wait = first.multipliedBy(factor);
        return wait.compareTo(longest) > 0 ? longest : wait;
    }
}
