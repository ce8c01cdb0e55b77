package io.chainring.benchmarks;

import java.util.Arrays;

/** Durations in nanoseconds, and what is told of them. */
final class Samples {
    private final long[] sortedNanos;

    /** One sample at least. */
    Samples(long[] nanos) {
        if (nanos.length == 0) {
            throw new IllegalArgumentException("no samples");
        }
        sortedNanos = nanos.clone();
        Arrays.sort(sortedNanos);
    }

    int count() {
        return sortedNanos.length;
    }

    /**
     * The smallest sample that at least this share of all samples does not exceed (nearest rank).
     *
     * @param share above 0, at most 1
     */
    double millisAt(double share) {
        int rank = (int) Math.ceil(share * sortedNanos.length);
        return sortedNanos[Math.max(1, rank) - 1] / 1e6;
    }

    double medianMillis() {
        return millisAt(0.5);
    }

    double p99Millis() {
        return millisAt(0.99);
    }

    double maxMillis() {
        return millisAt(1);
    }
}
