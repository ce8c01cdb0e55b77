package io.chainring.persistence.store;

import java.nio.file.Path;

/**
 * Hears what a store does, for metrics. Called on the thread that wrote (a loop, or the writer thread), under the
 * store's lock: an implementation only counts.
 */
public interface JournalListener {
    /** Does nothing. */
    JournalListener NONE = new JournalListener() {};

    /**
     * A batch of events was written.
     *
     * @param directory the store
     * @param records events in it
     * @param payloadBytes bytes of their payloads
     * @param durationNanos time of the write, with the sync if there was one
     * @param synced whether it was synced
     */
    default void batchWritten(
            Path directory, int records, long payloadBytes, long durationNanos, boolean synced) {}

    /** A write failed; nothing can be written until {@link #storeReopened}. */
    default void storeFailed(Path directory, Throwable cause) {}

    /** The store can be written again. */
    default void storeReopened(Path directory) {}
}
