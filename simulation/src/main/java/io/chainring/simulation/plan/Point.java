package io.chainring.simulation.plan;

import io.chainring.ring.turn.KillPoint;
import org.jspecify.annotations.Nullable;

/** Named moments of a run at which somebody can be made to die: those of a backend's turn, and those around it. */
public enum Point {
    TAKEN,
    RECORDING,
    RECORDED,
    PUBLISHED,
    INFORMED,
    EXECUTING,
    EXECUTED,
    OUTCOMES,
    RECOVERED,
    EPOCH_BEGUN,
    RESUMING,
    /** Inside the section in which signals wait. */
    MASKED,
    /** A backend is about to read its past. */
    REPLAY,
    /** A snapshot is on its way. */
    SNAPSHOT,
    /** A snapshot is stored, and older records are being deleted. */
    DELETION,
    /** A ring has been given its memory. */
    RING_OPEN,
    /** A backend is told of a ring. */
    RING_ATTACH,
    /** A backend is told that a ring's client is gone. */
    RING_DRAIN,
    /** A ring is drained, and its frontend is told to end. */
    RING_CLOSE,
    /** A chain has begun to run against the store. */
    EXECUTE,
    /** A sync has begun. */
    SYNC;

    /** The point of a backend's turn; null for those around it, which the simulation passes by itself. */
    public static @Nullable Point of(KillPoint point) {
        return point.compareTo(KillPoint.RESUMING) <= 0 ? valueOf(point.name()) : null;
    }
}
