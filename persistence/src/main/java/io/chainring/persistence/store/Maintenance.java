package io.chainring.persistence.store;

import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread of a store for what must not run where events are written: leftovers of deletion, compaction, reopening. */
final class Maintenance {
    private static final Logger LOG = LoggerFactory.getLogger(Maintenance.class);
    private static final long DELETION_DELAY_MILLIS = 100;

    /** Pieces removed at a time while others write: some milliseconds of every 100. */
    private static final int BUSY_PIECES = 64;

    private final Store store;
    private final ScheduledThreadPoolExecutor thread;
    private final AtomicBoolean deletionScheduled = new AtomicBoolean();
    private volatile boolean closing;
    private long batchesSeen;

    Maintenance(Store store) {
        this.store = store;
        this.thread =
                new ScheduledThreadPoolExecutor(
                        1,
                        task -> {
                            Thread t =
                                    new Thread(
                                            task,
                                            "journal-maintenance-"
                                                    + store.directory().getFileName());
                            t.setDaemon(true);
                            return t;
                        });
        this.thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Looks for deletions that were left over when the database was last closed. */
    void start() {
        run(0, () -> Leftovers.resume(store));
    }

    void deletionSoon() {
        if (deletionScheduled.compareAndSet(false, true)) {
            run(DELETION_DELAY_MILLIS, this::removePieces);
        }
    }

    void compactSoon(long fromNumber, long toNumber) {
        run(0, () -> compact(fromNumber, toNumber));
    }

    void reopenLater() {
        run(store.settings().reopenBackoff().toMillis(), this::reopen);
    }

    void close() {
        // No interrupt: the Java library's files are closed by one.
        closing = true;
        thread.shutdown();
        try {
            while (!thread.awaitTermination(1, TimeUnit.MINUTES)) {
                LOG.info(
                        "Journal {}: still compacting, waiting for it before closing",
                        store.directory());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void removePieces() {
        deletionScheduled.set(false);
        long batches = store.gauges().batches();
        int pieces = batches == batchesSeen ? Integer.MAX_VALUE : BUSY_PIECES;
        batchesSeen = batches;
        while (!closing && pieces-- > 0) {
            if (!removePiece()) {
                return;
            }
            // The lock is not fair: let a waiting writer have it.
            Thread.yield();
        }
        deletionSoon();
    }

    private boolean removePiece() {
        store.lock.lock();
        try {
            if (store.deletion().isEmpty()) {
                return false;
            }
            store.deletion().removePiece(store.engine());
            return true;
        } catch (EngineException e) {
            throw store.failed(e);
        } finally {
            store.lock.unlock();
        }
    }

    private void compact(long fromNumber, long toNumber) {
        long startNanos = System.nanoTime();
        store.engine()
                .compact(Keys.first(Keys.EVENT, fromNumber), Keys.above(Keys.EVENT, toNumber));
        LOG.info(
                "Journal {}: compacted in {} ms",
                store.directory(),
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
    }

    private void reopen() {
        try {
            store.reopen();
        } catch (StoreException | EngineException | FormatException e) {
            LOG.warn("Journal cannot be reopened yet: {}", e.getMessage());
            reopenLater();
        }
    }

    private void run(long delayMillis, Runnable task) {
        try {
            var unused =
                    thread.schedule(
                            () -> {
                                try {
                                    task.run();
                                } catch (RuntimeException e) {
                                    LOG.warn(
                                            "Journal {}: maintenance failed: {}",
                                            store.directory(),
                                            e.getMessage());
                                }
                            },
                            delayMillis,
                            TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("Journal {} is closing, maintenance not started", store.directory());
        }
    }
}
