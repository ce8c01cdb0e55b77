package io.chainring.ring.supervise;

import io.chainring.base.lifecycle.Lifecycle;
import io.chainring.base.lifecycle.Transitions;

/**
 * The incarnations of one child, backend or executor, counted from 1; one at most is up.
 *
 * <pre>
 *   DOWN --start--> RECOVERING --wants the rings--> RESUMING --serves--> SERVING
 *     ^                 |   (an executor serves from here on) ---------------^ |
 *     +-----------------+--------------- died ------+--------------------------+
 * </pre>
 */
final class Incarnations {
    enum State {
        DOWN,
        RECOVERING,
        RESUMING,
        SERVING
    }

    private static final Transitions<State> LEGAL =
            Transitions.of(State.class)
                    .from(State.DOWN, State.RECOVERING)
                    .from(State.RECOVERING, State.RESUMING, State.SERVING, State.DOWN)
                    .from(State.RESUMING, State.SERVING, State.DOWN)
                    .from(State.SERVING, State.DOWN);

    private final Lifecycle<State> life;
    private final Backoff backoff;
    private long number;
    private long epoch;
    private long sinceNanos;
    private long ofNoUseSinceNanos;
    private int inVain;

    Incarnations(String name, Backoff backoff, long nowNanos) {
        this.life = LEGAL.startIn(State.DOWN, name);
        this.backoff = backoff;
        this.sinceNanos = nowNanos;
        this.ofNoUseSinceNanos = nowNanos;
    }

    /** The next one comes up; returns its number. */
    long start() {
        life.to(State.RECOVERING);
        return ++number;
    }

    /** It asks for the rings of its epoch. */
    void resumes(long itsEpoch) {
        inVain = 0;
        life.to(State.RESUMING);
        epoch = itsEpoch;
    }

    /** It works from now on; returns for how long nobody did. */
    long serves(long nowNanos) {
        life.to(State.SERVING);
        long down = nowNanos - sinceNanos;
        sinceNanos = nowNanos;
        return down;
    }

    /**
     * It has ended; returns the pause before the next.
     *
     * @param wasOfUse whether it has done something while it served, or had nothing to do
     */
    long died(long nowNanos, boolean wasOfUse) {
        long lived = is(State.SERVING) ? nowNanos - sinceNanos : 0;
        ofNoUseSinceNanos = is(State.SERVING) && wasOfUse ? nowNanos : ofNoUseSinceNanos;
        sinceNanos = is(State.SERVING) ? nowNanos : sinceNanos;
        inVain = takesRings() ? 0 : inVain + 1;
        life.to(State.DOWN);
        return backoff.next(lived).toNanos();
    }

    /** The next one could not even be started. */
    void lookedInVain() {
        inVain++;
    }

    /** How many attempts in a row came to nothing: it was not started, or died before it asked for the rings. */
    int inVain() {
        return inVain;
    }

    boolean is(State state) {
        return life.is(state);
    }

    /** Number of the present one, or of the last. */
    long number() {
        return number;
    }

    /** True for the present one, while it is up. */
    boolean isUp(long incarnation) {
        return incarnation == number && !is(State.DOWN);
    }

    /** While none serves: since when none was of use, however many have served for a moment. */
    long ofNoUseSinceNanos() {
        return ofNoUseSinceNanos;
    }

    /** True from when it asks for the rings until it dies. */
    boolean takesRings() {
        return is(State.RESUMING) || is(State.SERVING);
    }

    /** True in this epoch of the one that {@link #takesRings}. */
    boolean takesRingsIn(long ofEpoch) {
        return takesRings() && epoch == ofEpoch;
    }

    long epoch() {
        return epoch;
    }
}
