package io.chainring.persistence.store;

import java.nio.file.Path;

/**
 * Numbers of one store at one moment.
 *
 * @param directory the store
 * @param engine library that runs it
 * @param open false while it is waiting to be reopened after a failed write
 * @param queueRecords events waiting for the writer thread (always 0 with fsync = off)
 * @param queueBytes bytes waiting for the writer thread
 * @param batches batches written so far
 * @param records events written so far
 * @param lastBatchRecords events in the last batch
 * @param lastWriteNanos duration of the last write, sync included
 * @param writeNanos duration of all writes together, syncs included
 * @param syncedBatches batches that were synced
 * @param failures failed writes
 * @param deletionBacklogKeys keys deleted for every reader but not yet removed
 * @param deletionsParked persistence ids whose deleted events can't be removed, for damage
 */
public record JournalGauges(
        Path directory,
        String engine,
        boolean open,
        int queueRecords,
        long queueBytes,
        long batches,
        long records,
        int lastBatchRecords,
        long lastWriteNanos,
        long writeNanos,
        long syncedBatches,
        long failures,
        long deletionBacklogKeys,
        int deletionsParked) {}
