package io.chainring.ring.turn;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.record.TurnEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@link BackendCore} wants done. Implemented by the actor shell, and by simulations. */
public interface BackendEffects {

    /**
     * Persists the record; then it is applied to the state and {@link BackendCore#recorded} is called. At most one
     * record is under way.
     */
    void persist(TurnEvent record);

    /** Introduces the epoch to the executor. */
    void adopt(long epoch);

    /** Asks for the rings that are open: {@link BackendCore#expectRings}, and an attach for each. */
    void requestRings(long epoch);

    /** Hands chains to the executor. */
    void execute(long epoch, long incarnation, List<Chain> chains, long journaledUpTo);

    /** Enters the completion section (invariant I7). */
    void maskSignals();

    /** Leaves the completion section; a deferred signal acts here, by an exception. */
    void unmaskSignals();

    /** The ring is recorded and its chains are taken; said again by each epoch. */
    void ringAttached(long ringId);

    /** The ring cannot go on: its owner is asked to {@link BackendCore#detach} it. */
    void ringMustClose(long ringId, String reason);

    /** None of the ring's chains is running or recorded any more; its memory may be reused. */
    void ringDetached(long ringId, String reason);

    /** Calls {@link BackendCore#turn} again after whatever waits in the mailbox. */
    void continueLater();

    /** From now on chains up to this size of the disk are let in. It only grows. */
    void capacityKnown(long capacityBytes);

    /** Monotonic time, as System.nanoTime. */
    long nanoTime();

    /** The core has resynchronised and serves. */
    void serving();

    /**
     * A named point of the turn; injected faults throw here.
     *
     * @param chain the chain in hand, or null where the point is not about one
     */
    void at(KillPoint point, @Nullable Chain chain);
}
