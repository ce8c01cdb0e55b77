package io.chainring.persistence.engine.files;

import java.lang.reflect.Field;
import java.util.Objects;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.iq80.leveldb.impl.DbImpl;
import org.jspecify.annotations.Nullable;

/**
 * iq80's. A table that cannot be written (no space) is begun anew at once and for ever, each time as another file; who flushes,
 * compacts, or fills the next table in memory waits, and no interrupt ends that.
 *
 * <p>The first failure ends it here: the library believes that it is being closed and begins nothing more; once nothing runs in
 * the background, those who wait are let go. The table in memory that was to be written is forgotten by that and not lost: it is
 * in the log, from which the next opening reads it. So from then on nothing that is read counts, and who wrote does not know
 * whether it is there.
 */
public final class TableWatch implements BackgroundWatch {
    private static final long PERIOD_MILLIS = 50;
    private static final ScheduledThreadPoolExecutor TIMER = timer();

    private final DbImpl db;
    private final Field failed;
    private final Field running;
    private final Field beingWritten;
    private final Field compacted;
    private final AtomicBoolean closing;
    private final ReentrantLock mutex;
    private final Condition waiting;
    private final ScheduledFuture<?> looking;
    private volatile @Nullable String failure;
    private volatile boolean readable = true;

    /**
     * Begins to watch.
     *
     * @throws ReflectiveOperationException if the library is another than the one that this was written for (0.12)
     */
    public TableWatch(DbImpl db) throws ReflectiveOperationException {
        this.db = db;
        failed = field("backgroundException");
        running = field("backgroundCompaction");
        beingWritten = field("immutableMemTable");
        compacted = field("manualCompaction");
        closing = (AtomicBoolean) Objects.requireNonNull(field("shuttingDown").get(db));
        mutex = (ReentrantLock) Objects.requireNonNull(field("mutex").get(db));
        waiting = (Condition) Objects.requireNonNull(field("backgroundCondition").get(db));
        looking =
                TIMER.scheduleWithFixedDelay(
                        this::look, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static Field field(String name) throws ReflectiveOperationException {
        Field field = DbImpl.class.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }

    private static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer =
                new ScheduledThreadPoolExecutor(
                        1,
                        task -> {
                            Thread thread = new Thread(task, "iq80-watch");
                            thread.setDaemon(true);
                            return thread;
                        });
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }

    private void look() {
        try {
            Throwable why = (Throwable) failed.get(db);
            if (why != null) {
                failure = String.valueOf(why.getMessage() == null ? why : why.getMessage());
                letGo();
            }
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whoever waits may begin another table before it leaves: done again until the database is closed. */
    private void letGo() throws IllegalAccessException {
        closing.set(true);
        mutex.lock();
        try {
            // A table that is being written ends as one that was: it stands for all logs before it.
            if (running.get(db) == null && mutex.hasWaiters(waiting)) {
                readable = false;
                beingWritten.set(db, null);
                compacted.set(db, null);
                waiting.signalAll();
            }
        } finally {
            mutex.unlock();
        }
    }

    @Override
    public @Nullable String failure() {
        return failure;
    }

    @Override
    public boolean isReadable() {
        return readable;
    }

    @Override
    public void close() {
        looking.cancel(false);
        // Otherwise it takes itself for closed, and keeps its files and its lock.
        closing.set(false);
    }
}
