package io.chainring.ring.backend;

import io.chainring.ring.request.Operation;

/** Hears what happens on a disk's data path, for metrics. Called on the disk's dispatcher; must not block or throw. */
public interface RingListener {

    /** Hears nothing. */
    RingListener NONE = new RingListener() {};

    /** A record was acknowledged by the journal. */
    default void recorded(int begunChains, int completedChains, long journalNanos) {}

    /** A client's request came to an end. */
    default void completed(Operation operation, byte status, long latencyNanos) {}

    /** A backend epoch serves, so many nanoseconds after the earlier one's death, or after the start of the first. */
    default void recovered(long epoch, long nanos) {}

    /** A backend ended with an exception, that of a kill among them; {@link #backendDied} follows. */
    default void backendFailed(Throwable cause) {}

    /** The backend died; {@link #recovered} follows when its successor serves. */
    default void backendDied() {}
}
