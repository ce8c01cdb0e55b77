package io.chainring.persistence.store;

import org.jspecify.annotations.Nullable;

/** Counts the writes of a store. All methods are called under the store's lock. */
final class WriteMeter {
    private long batches;
    private long records;
    private int lastBatchRecords;
    private long lastWriteNanos;
    private long writeNanos;
    private long syncedBatches;
    private long failures;

    void written(int count, long nanos, boolean synced) {
        batches++;
        records += count;
        lastBatchRecords = count;
        lastWriteNanos = nanos;
        writeNanos += nanos;
        syncedBatches += synced ? 1 : 0;
    }

    void failed() {
        failures++;
    }

    JournalGauges gauges(
            Store store, String engine, @Nullable GroupCommit queue, Deletion deletion) {
        return new JournalGauges(
                store.directory(),
                engine,
                store.isOpen(),
                queue == null ? 0 : queue.queuedRecords(),
                queue == null ? 0 : queue.queuedBytes(),
                batches,
                records,
                lastBatchRecords,
                lastWriteNanos,
                writeNanos,
                syncedBatches,
                failures,
                deletion.backlogKeys(),
                deletion.parked());
    }
}
