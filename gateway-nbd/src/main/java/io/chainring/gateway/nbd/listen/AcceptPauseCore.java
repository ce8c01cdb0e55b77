package io.chainring.gateway.nbd.listen;

/**
 * When a listener that finds no descriptor tries again, and what is said about it.
 *
 * <pre>
 *              failed: say that it waits            a quiet time without a failure: say that it is over
 *   ACCEPTING -------------------------> SHORT ------------------------------------------------> ACCEPTING
 *                                        |   ^
 *                                        +---+ failed: wait twice as long; accepted: from the shortest again
 * </pre>
 *
 * A listener at the limit takes a client whenever one leaves, and fails again: all that is one time of shortage, with
 * one line at its beginning and one at its end.
 */
final class AcceptPauseCore {
    static final long SHORTEST_MILLIS = 50;
    static final long LONGEST_MILLIS = 2_000;
    static final long QUIET_MILLIS = 10_000;

    private boolean shortage;
    private long sinceMillis;
    private long lastFailureMillis;
    private long nextWaitMillis = SHORTEST_MILLIS;
    private long failures;

    /** What to do about a failure. */
    record Pause(long waitMillis, boolean begins) {}

    /** Accepting failed, or was not tried so as to leave descriptors for others. */
    Pause failed(long nowMillis) {
        boolean begins = !shortage;
        if (begins) {
            shortage = true;
            sinceMillis = nowMillis;
            failures = 0;
        }
        failures++;
        lastFailureMillis = nowMillis;
        long waitMillis = nextWaitMillis;
        nextWaitMillis = Math.min(LONGEST_MILLIS, 2 * waitMillis);
        return new Pause(waitMillis, begins);
    }

    /** A client was accepted. */
    void accepted() {
        nextWaitMillis = SHORTEST_MILLIS;
    }

    /** Whether a shortage is over; true once for each. */
    boolean over(long nowMillis) {
        if (!shortage || nowMillis - lastFailureMillis < QUIET_MILLIS) {
            return false;
        }
        shortage = false;
        nextWaitMillis = SHORTEST_MILLIS;
        return true;
    }

    boolean shortage() {
        return shortage;
    }

    /** How long the shortage lasted, up to its last failure. */
    long lastedMillis() {
        return lastFailureMillis - sinceMillis;
    }

    /** How often the listener had to wait in the present shortage, or the last one. */
    long failures() {
        return failures;
    }
}
