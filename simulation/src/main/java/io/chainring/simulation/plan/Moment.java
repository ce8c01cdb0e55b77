package io.chainring.simulation.plan;

/** What a world can be in the middle of when somebody dies; several at once, or none. */
public enum Moment {
    IDLE,
    IN_FLIGHT,
    RECORDING,
    RECOVERING,
    HOST_AWAY,
    RING_OPENING,
    RING_DRAINING,
    SNAPSHOT,
    JOURNAL_FULL,
    STOPPING
}
