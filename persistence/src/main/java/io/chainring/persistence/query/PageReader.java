package io.chainring.persistence.query;

import io.chainring.persistence.store.AtomicAppend;
import java.util.List;

/** Reads a query's results page by page. Used by one stream at a time, except {@link #concerns}. */
interface PageReader<T> {
    /** The next results, at most {@code limit}; empty if there are none now. */
    List<T> next(int limit);

    /** Whether there can never be more. */
    boolean isFinished();

    /** Whether an append may have brought new results; called on the thread that writes, so it only looks. */
    boolean concerns(AtomicAppend append);

    /** The same of a persistence id that begins without an event: with a snapshot, or an import. */
    default boolean concernsNew(String persistenceId) {
        return false;
    }
}
