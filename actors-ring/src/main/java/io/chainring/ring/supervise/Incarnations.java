package io.chainring.ring.supervise;

import io.chainring.base.lifecycle.Lifecycle;
import io.chainring.base.lifecycle.Transitions;
import java.util.concurrent.atomic.AtomicLong;

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
    private final AtomicLong useful;
    private long usefulBefore;
    private long number;
    private long epoch;
    private long sinceNanos;
    private long unansweredSinceNanos;
    private int inVain;
    private boolean killed;

    /**
     * @param useful counts those that were of use, before the news of their death arrives
     */
    Incarnations(String name, Backoff backoff, AtomicLong useful, long nowNanos) {
        this.life = LEGAL.startIn(State.DOWN, name);
        this.backoff = backoff;
        this.useful = useful;
        this.usefulBefore = useful.get();
        this.sinceNanos = nowNanos;
        this.unansweredSinceNanos = nowNanos;
    }

    /** The next one comes up; returns its number. */
    long start() {
        life.to(State.RECOVERING);
        killed = false;
        return ++number;
    }

    /** It asks for the rings of its epoch. */
    void resumes(long itsEpoch) {
        inVain = 0;
        life.to(State.RESUMING);
        epoch = itsEpoch;
    }

    /** Somebody has it killed; it has not died yet. */
    void killed() {
        killed = true;
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
     * @param wasAnswered whether no record of it was without an answer when it died, or one was answered while it served
     */
    long died(long nowNanos, boolean wasAnswered) {
        long usefulNow = useful.get();
        boolean wasOfUse = usefulNow != usefulBefore;
        usefulBefore = usefulNow;
        unansweredSinceNanos = is(State.SERVING) && wasAnswered ? nowNanos : unansweredSinceNanos;
        sinceNanos = is(State.SERVING) ? nowNanos : sinceNanos;
        inVain = takesRings() ? 0 : inVain + 1;
        life.to(State.DOWN);
        return backoff.next(wasOfUse, killed).toNanos();
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

    /** While none serves: since when the journal has answered none, however many have served for a moment. */
    long unansweredSinceNanos() {
        return unansweredSinceNanos;
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
