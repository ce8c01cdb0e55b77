package io.chainring.host;

import io.chainring.ring.request.Operation;

/**
 * What a host tells about its work, for metrics. Called on the host's thread, often: implementations
 * are quick and throw nothing.
 */
public interface HostListener {
    /** Listens to nothing. */
    HostListener NONE = new HostListener() {};

    /**
     * A chain came to an end.
     *
     * @param status one of {@link io.chainring.ring.request.ChainStatus}
     * @param nanos from its arrival at the host on, waiting and syncing included
     */
    default void chainEnded(Operation operation, byte status, long nanos) {}

    /**
     * A sync of the store came to an end.
     *
     * @param chains flushes and FUA writes that shared it
     */
    default void synced(int chains, long nanos) {}

    /** Tasks that wait for an I/O thread, in the pool and in the host. */
    default void poolQueue(int tasks) {}

    /** Reads and writes run inline from now on, or do not any more. */
    default void inlineChanged(boolean inline) {}

    /** A chain was refused because it overlaps a running one: the backend broke invariant I4. */
    default void overlapRefused() {}
}
