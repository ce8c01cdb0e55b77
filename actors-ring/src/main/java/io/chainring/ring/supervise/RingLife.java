package io.chainring.ring.supervise;

import io.chainring.base.lifecycle.Lifecycle;
import io.chainring.base.lifecycle.Transitions;
import java.util.Set;

/**
 * One ring from the wish for it until its frontend has ended.
 *
 * <pre>
 *   WISHED --(I9)--> ATTACHING --recorded--> OPEN --> CLOSING --detached--> DEPARTING --> GONE
 *     |                  |                               ^ |                               ^ ^
 *     |                  +-------------------------------+ +----- its frontend is dead ----+ |
 *     +--- cancelled, refused ---------------------------------------------------------------+
 * </pre>
 */
final class RingLife {
    enum State {
        WISHED,
        ATTACHING,
        OPEN,
        CLOSING,
        DEPARTING,
        GONE
    }

    private static final Transitions<State> LEGAL =
            Transitions.of(State.class)
                    .from(State.WISHED, State.ATTACHING, State.GONE)
                    .from(State.ATTACHING, State.OPEN, State.CLOSING, State.GONE)
                    .from(State.OPEN, State.CLOSING)
                    .from(State.CLOSING, State.DEPARTING, State.GONE)
                    .from(State.DEPARTING, State.GONE);

    final long ringId;
    final long wishedNanos;

    /** Rings that were closing when it was wished for, and have not been drained. */
    final Set<Long> waitsFor;

    /** False when its frontend has died of something else than its end. */
    boolean frontendAlive = true;

    /** The last backend incarnation that was told of it; 0 for none. */
    private long attachedTo;

    /** The last backend incarnation that was told to wait for it; 0 for none. */
    private long expectedBy;

    private final Lifecycle<State> life;

    RingLife(long ringId, long wishedNanos, Set<Long> waitsFor) {
        this.ringId = ringId;
        this.wishedNanos = wishedNanos;
        this.waitsFor = waitsFor;
        this.life = LEGAL.startIn(State.WISHED, "ring " + Long.toUnsignedString(ringId));
    }

    boolean is(State state) {
        return life.is(state);
    }

    void to(State next) {
        life.to(next);
    }

    /** True when it has memory that a backend may know. */
    boolean isHeld() {
        return is(State.ATTACHING) || is(State.OPEN) || is(State.CLOSING);
    }

    void attachedTo(long incarnation) {
        attachedTo = incarnation;
    }

    boolean isAttachedTo(long incarnation) {
        return attachedTo == incarnation;
    }

    void expectedBy(long incarnation) {
        expectedBy = incarnation;
    }

    /** True when that incarnation still waits to be told of it. */
    boolean isExpectedBy(long incarnation) {
        return expectedBy == incarnation && attachedTo != incarnation;
    }

    /** True when no incarnation was ever told of it, so that no journal can know it. */
    boolean isUnknown() {
        return attachedTo == 0;
    }
}
