package io.chainring.persistence.store;

import io.chainring.persistence.database.StoreErrors;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.engine.files.LibraryLog;
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
    private static final long DELETION_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Pause before what was refused for want of space is tried again. */
    private static final long FULL_DELAY_MILLIS = 1000;

    /** While others write, the pause after a piece, in times of what it took. */
    private static final int PAUSE = 4;

    /** Pieces before this thread looks for other work. */
    private static final int PIECES_IN_A_ROW = 64;

    /** Between two looks at how long the library's own log is. */
    private static final int LOG_SECONDS = 60;

    /** A sync takes as long for a larger piece. */
    private static final int PIECES_OF_A_SYNC = 16;

    private final Store store;
    private final ScheduledThreadPoolExecutor thread;
    private final AtomicBoolean deletionScheduled = new AtomicBoolean();
    private final int pieceKeys;
    private volatile boolean closing;
    private long batchesSeen;

    /** Whether it was said that a range can't be compacted; on the thread. */
    private boolean uncompactable;

    /** Said already, without its figures: how much is free is another number each time; on the thread. */
    private String lastProblem = "";

    Maintenance(Store store) {
        this.store = store;
        StoreSettings settings = store.settings();
        this.pieceKeys = settings.deletionPieceKeys() * (settings.fsync() ? PIECES_OF_A_SYNC : 1);
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
        LibraryLog library = new LibraryLog(store.directory(), LibraryLog.LIMIT_BYTES);
        var unused =
                thread.scheduleWithFixedDelay(
                        library::bound, LOG_SECONDS, LOG_SECONDS, TimeUnit.SECONDS);
    }

    /** Looks for deletions that were left over when the database was last closed. */
    void start() {
        runWhenThereIsRoom(0, () -> Leftovers.resume(store));
    }

    /** Has what is deleted removed, with a delay in which writes may take it along. */
    void deletionSoon() {
        deletionAfter(DELETION_DELAY_NANOS);
    }

    private void deletionAfter(long delayNanos) {
        if (deletionScheduled.compareAndSet(false, true)) {
            runWhenThereIsRoom(delayNanos, this::removePieces);
        }
    }

    void compactSoon(long fromNumber, long toNumber) {
        runWhenThereIsRoom(0, () -> compact(fromNumber, toNumber));
    }

    void reopenLater() {
        run(store.settings().reopenBackoff().toNanos(), this::reopen);
    }

    /** Whether the store is to be closed: what reads for long ends soon, and begins anew at the next opening. */
    boolean isClosing() {
        return closing;
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

    /**
     * Removes piece by piece until nothing is left. Whoever writes meanwhile waits for one piece at most, and has the lock
     * to himself most of the time; other work of this thread gets in between.
     */
    private void removePieces() {
        deletionScheduled.set(false);
        long pauseNanos = 0;
        for (int i = 0; i < PIECES_IN_A_ROW && pauseNanos == 0 && !closing; i++) {
            long startNanos = System.nanoTime();
            try {
                if (!store.deletion().removePiece(pieceKeys)) {
                    return;
                }
            } catch (StoreException.Unavailable e) {
                // Refused, for want of space; what has failed begins anew when it is opened again.
                if (store.isOpen()) {
                    deletionAfter(TimeUnit.MILLISECONDS.toNanos(FULL_DELAY_MILLIS));
                    return;
                }
                throw e;
            }
            pauseNanos = isBusy() ? PAUSE * (System.nanoTime() - startNanos) : 0;
        }
        deletionAfter(pauseNanos);
    }

    /** Whether somebody writes, or waits to. */
    private boolean isBusy() {
        long batches = store.gauges().batches();
        boolean busy = batches != batchesSeen || store.lock.hasQueuedThreads();
        batchesSeen = batches;
        return busy;
    }

    private void compact(long fromNumber, long toNumber) {
        long startNanos = System.nanoTime();
        byte[] from = Keys.first(Keys.EVENT, fromNumber);
        byte[] to = Keys.above(Keys.EVENT, toNumber);
        try {
            // A compaction that meets a damaged block ends all writing.
            store.engine().scan(from, to, (key, value) -> !closing);
        } catch (EngineException.Read e) {
            if (!uncompactable) {
                uncompactable = true;
                LOG.error(
                        "Journal {}: its deleted events give back no space: {}{}",
                        store.directory(),
                        e.getMessage(),
                        StoreErrors.wayOut(store.directory()));
            }
            return;
        }
        if (closing) {
            return;
        }
        store.compact(from, to);
        LOG.debug(
                "Journal {}: compacted in {} ms",
                store.directory(),
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
    }

    private void reopen() {
        try {
            store.reopen();
            lastProblem = "";
        } catch (RuntimeException | Error e) {
            // Whatever it is: nobody else would try again.
            String problem = e.toString();
            String words = problem.replaceAll("[0-9]+", "");
            if (words.equals(lastProblem)) {
                LOG.debug("Journal {} still cannot be reopened: {}", store.directory(), problem);
            } else {
                lastProblem = words;
                LOG.warn(
                        "Journal {} cannot be reopened yet, and is tried again every {} ms: {}",
                        store.directory(),
                        store.settings().reopenBackoff().toMillis(),
                        problem);
            }
            reopenLater();
        }
    }

    /** What the journal cannot do while its file system is full waits for space, and says nothing: the guard has. */
    private void runWhenThereIsRoom(long delayNanos, Runnable task) {
        run(
                delayNanos,
                () -> {
                    if (store.isFull()) {
                        runWhenThereIsRoom(TimeUnit.MILLISECONDS.toNanos(FULL_DELAY_MILLIS), task);
                    } else {
                        task.run();
                    }
                });
    }

    private void run(long delayNanos, Runnable task) {
        try {
            var unused =
                    thread.schedule(
                            () -> {
                                try {
                                    task.run();
                                } catch (RuntimeException | Error e) {
                                    LOG.warn(
                                            "Journal {}: maintenance failed: {}",
                                            store.directory(),
                                            e.toString());
                                }
                            },
                            delayNanos,
                            TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("Journal {} is closing, maintenance not started", store.directory());
        }
    }
}
