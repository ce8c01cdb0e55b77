package io.chainring.persistence.store;

import io.chainring.persistence.database.StoreException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Group commit: a bounded queue and one thread that takes all that has arrived, writes it as one batch and syncs once.
 *
 * <p>While a sync is under way the next batch gathers, so the batch grows with the load and one alone is not delayed.
 * The queue is first in, first out, for writes and for whatever must wait for the writes before it.
 *
 * <p><b>Gathering.</b> An actor persists again when it has its answer, so right after a batch the queue holds only those who
 * were not in it, and a writer that took what is there would sync twice for the same actors, each time for half of them.
 * It waits until as many submissions have come as there were actors with one under way when the batch was done, but
 * for at most a share of what a sync takes ({@code gather-share}), and not at all when that was one.
 *
 * <pre>
 *   |--- sync of 16 ---|answers|-gather-|--- sync of 16 ---|        instead of  | 16 |1|  15  |1|  15  | ...
 * </pre>
 */
public final class GroupCommit {
    private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);

    private final Store store;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Thread thread;

    // Guarded by the lock.
    private ArrayDeque<Entry> queue = new ArrayDeque<>();
    private List<Runnable> waitingForRoom = new ArrayList<>();
    private int queuedRecords;
    private long queuedBytes;
    private boolean closed;

    /** The writer is woken when so many submissions are queued; nothing wakes it while it writes. */
    private int wakeAtEntries = Integer.MAX_VALUE;

    /** Something is queued that is not to wait for others to gather. */
    private boolean actionQueued;

    // Used by the writer thread only.
    private final List<Entry> batch = new ArrayList<>();
    private final List<AtomicAppend> appends = new ArrayList<>();
    private boolean ended;
    private int expectedEntries = 1;
    private long syncNanos;

    /** Hears what became of one submission; called on the writer thread, in order of submission. */
    @FunctionalInterface
    public interface Completion {
        /**
         * The submission is done.
         *
         * @param failure null: stored, except refused appends; otherwise it is unknown whether it is stored
         */
        void completed(@Nullable RuntimeException failure);
    }

    private static final class Entry {
        final List<AtomicAppend> appends;
        final @Nullable Runnable action;
        final Completion completion;
        final int records;
        final long bytes;

        Entry(List<AtomicAppend> appends, @Nullable Runnable action, Completion completion) {
            this.appends = appends;
            this.action = action;
            this.completion = completion;
            int count = 0;
            long size = 0;
            for (AtomicAppend append : appends) {
                count += append.events().size();
                size += append.payloadBytes();
            }
            this.records = count;
            this.bytes = size;
        }
    }

    GroupCommit(Store store) {
        this.store = store;
        this.thread = new Thread(this::run, "journal-writer-" + store.directory().getFileName());
        this.thread.setDaemon(true);
        this.thread.start();
    }

    /**
     * Queues appends.
     *
     * @param onRoom called once, on the writer thread, when there is room again after a refusal
     * @return false if the queue is full: nothing was queued
     */
    public boolean submit(List<AtomicAppend> appends, Completion completion, Runnable onRoom) {
        Entry entry = new Entry(appends, null, completion);
        lock.lock();
        try {
            checkOpen();
            boolean full =
                    queuedRecords > 0
                            && (queuedRecords + entry.records > store.settings().queueRecords()
                                    || queuedBytes + entry.bytes > store.settings().queueBytes());
            if (full) {
                waitingForRoom.add(onRoom);
                return false;
            }
            enqueue(entry);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Has something run on the writer thread after everything queued so far is written. Never refused. */
    public void afterPending(Runnable action, Completion completion) {
        lock.lock();
        try {
            checkOpen();
            enqueue(new Entry(List.of(), action, completion));
        } finally {
            lock.unlock();
        }
    }

    int queuedRecords() {
        lock.lock();
        try {
            return queuedRecords;
        } finally {
            lock.unlock();
        }
    }

    long queuedBytes() {
        lock.lock();
        try {
            return queuedBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Whether that is the writer thread, which can't wait for its own end. */
    boolean isOwnThread() {
        return Thread.currentThread() == thread;
    }

    /** Writes what is queued, then ends the thread; not on it. */
    void close() {
        if (isOwnThread()) {
            throw new IllegalStateException("a writer thread that waits for its own end");
        }
        lock.lock();
        try {
            closed = true;
            arrived.signal();
        } finally {
            lock.unlock();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void enqueue(Entry entry) {
        queue.add(entry);
        queuedRecords += entry.records;
        queuedBytes += entry.bytes;
        actionQueued |= entry.action != null;
        if (queue.size() >= wakeAtEntries || actionQueued) {
            arrived.signal();
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new StoreException.Unavailable(store.directory(), "is closed", null);
        }
    }

    private void run() {
        while (!ended) {
            runSafely(this::round);
        }
    }

    private void round() {
        try {
            take().forEach(this::runSafely);
        } finally {
            // Whatever was thrown meanwhile: what was taken is written and answered, once.
            try {
                write();
            } finally {
                batch.clear();
                appends.clear();
            }
        }
    }

    /** Waits for work and takes up to one batch of it; returns who waits for the room that this makes. */
    private List<Runnable> take() {
        lock.lock();
        try {
            gather();
            wakeAtEntries = 1;
            while (queue.isEmpty() && !closed) {
                arrived.awaitUninterruptibly();
            }
            wakeAtEntries = Integer.MAX_VALUE;
            actionQueued = false;
            int records = 0;
            Entry next = queue.peek();
            while (next != null
                    && (records == 0
                            || records + next.records <= store.settings().batchRecords())) {
                batch.add(next);
                queue.remove();
                records += next.records;
                queuedRecords -= next.records;
                queuedBytes -= next.bytes;
                // An action ends its batch: it must see what was written before, and what follows
                // must see it.
                next = next.action == null ? queue.peek() : null;
            }
            ended = batch.isEmpty();
            if (waitingForRoom.isEmpty()) {
                return List.of();
            }
            List<Runnable> rooms = waitingForRoom;
            waitingForRoom = new ArrayList<>();
            return rooms;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for those who were in the last batch to come again; under the lock. */
    private void gather() {
        if (expectedEntries <= 1 || queue.size() >= expectedEntries) {
            return;
        }
        wakeAtEntries = expectedEntries;
        long left = (long) (syncNanos * store.settings().gatherShare());
        try {
            while (left > 0 && queue.size() < expectedEntries && !actionQueued && !closed) {
                left = arrived.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            LOG.debug("Journal {}: interrupted, gathers no more", store.directory());
        }
    }

    private void expect(int batchEntries, long nanos) {
        syncNanos = syncNanos == 0 ? nanos : syncNanos + (nanos - syncNanos) / 8;
        lock.lock();
        try {
            expectedEntries = batchEntries + queue.size();
        } finally {
            lock.unlock();
        }
    }

    private void write() {
        RuntimeException failure = attempt(this::append);
        for (Entry entry : batch) {
            RuntimeException result = entry.appends.isEmpty() ? null : failure;
            if (entry.action != null) {
                result = attempt(entry.action);
            }
            RuntimeException outcome = result;
            runSafely(() -> entry.completion.completed(outcome));
        }
    }

    private void append() {
        for (Entry entry : batch) {
            appends.addAll(entry.appends);
        }
        if (!appends.isEmpty()) {
            long startNanos = System.nanoTime();
            try {
                store.append(appends, true);
            } finally {
                expect(batch.size(), System.nanoTime() - startNanos);
            }
        }
    }

    /** Whatever is thrown, everybody gets an answer and the thread goes on: nobody else would write. */
    private @Nullable RuntimeException attempt(Runnable action) {
        try {
            action.run();
            return null;
        } catch (RuntimeException | Error e) {
            return told(e);
        }
    }

    /** What the store makes of a failure; who listens to it may throw as well. */
    private RuntimeException told(Throwable cause) {
        try {
            return store.failed(cause);
        } catch (RuntimeException | Error e) {
            LOG.error("Journal {}: whoever hears of failures failed", store.directory(), e);
            return new StoreException.Unavailable(
                    store.directory(),
                    "a write failed, it is unknown whether it was stored",
                    cause);
        }
    }

    private void runSafely(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            LOG.error("Journal {}: a completion failed", store.directory(), e);
        }
    }
}
