package io.chainring.persistence.store;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.format.AcknowledgementMark;
import io.chainring.persistence.format.RecordWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One open directory: what the journal, the snapshot store and the queries of that directory share.
 *
 * <pre>
 *            open()                a write failed
 *   (none) ----------> OPEN ----------------------> FAILED
 *                       ^  \                          |
 *                       |   \ close()                 | maintenance thread: close, open again
 *                       |    v                        |
 *                       |   CLOSED <-----close()------+
 *                       +-----------------------------+
 * </pre>
 *
 * <p><b>Who writes.</b> {@link #append} is called either by the journal actor on its own dispatcher (fsync = off: the
 * write is a copy into the kernel, some microseconds, and a thread hop would cost more than the write) or by the
 * {@link GroupCommit} thread (fsync = on: one sync for whatever has arrived while the last one was under way). One
 * lock guards the numbering and the order of writes; it is practically always free, because one directory has one
 * writer. Nothing that may block long is done under it, except the write itself.
 *
 * <p><b>Why a failed write closes the database.</b> After a failed append it is unknown how much of the record reached
 * the log, and LevelDB would go on behind the torn place; on the next opening everything after it would be dropped.
 * So the engine is closed, opened again, and everything remembered about sequence numbers is read anew. Until then
 * every write fails at once.
 *
 * <p><b>What is remembered.</b> Numbers, highest and deleted sequence numbers of the persistence ids in use, in {@link
 * PersistenceIds}; all of it can be read again from the database.
 */
public final class Store {
    private static final Logger LOG = LoggerFactory.getLogger(Store.class);

    private enum State {
        OPEN,
        FAILED,
        CLOSED
    }

    final ReentrantLock lock = new ReentrantLock();
    private final StoreSettings settings;
    private final AcknowledgementMark mark;
    private final PersistenceIds persistenceIds;
    private final TagIndex tagIndex;
    private final EventWriter eventWriter;
    private final Deletion deletion;
    private final Maintenance maintenance;
    private final CopyOnWriteArrayList<ChangeListener> changeListeners =
            new CopyOnWriteArrayList<>();
    private final SpaceGuard space;
    private final Path taken;
    private final UnaryOperator<Engine> between;
    private volatile Engine engine;
    private volatile State state = State.OPEN;
    private volatile @Nullable Throwable failure;
    private volatile JournalListener listener = JournalListener.NONE;
    private final @Nullable GroupCommit groupCommit;

    /** Guarded by the lock. */
    private final WriteMeter meter = new WriteMeter();

    /** Hears of new events; called under the lock, so it only wakes somebody. */
    public interface ChangeListener {
        /** Something was appended for a persistence id. */
        void appended(AtomicAppend append);
    }

    private Store(
            StoreSettings settings,
            StoreOpener.Opened opened,
            Path taken,
            UnaryOperator<Engine> between) {
        this.settings = settings;
        this.taken = taken;
        this.between = between;
        this.engine = opened.engine();
        this.mark = opened.mark();
        this.space = opened.space();
        RecordWriter writer = new RecordWriter();
        this.persistenceIds = new PersistenceIds(this, writer);
        this.persistenceIds.load(engine);
        this.tagIndex = new TagIndex(this, writer);
        this.deletion = new Deletion(this, writer);
        this.eventWriter = new EventWriter(this, writer);
        this.maintenance = new Maintenance(this);
        this.groupCommit = settings.fsync() ? new GroupCommit(this) : null;
    }

    /**
     * Opens a directory.
     *
     * @throws StoreException.Locked if another process has it open
     * @throws StoreException.Damaged if it is not a journal of ours, of another format, or lost its end
     * @throws StoreException.Unavailable if it cannot be opened for another reason
     */
    public static Store open(StoreSettings settings) {
        return open(settings, UnaryOperator.identity());
    }

    /** Opens a directory; a test may put something between the store and the library. */
    static Store open(StoreSettings settings, UnaryOperator<Engine> between) {
        Path taken = OpenDirectories.take(settings.directory());
        try {
            Store store = new Store(settings, StoreOpener.open(settings, between), taken, between);
            store.maintenance.start();
            LOG.info(
                    "Journal {} is open: engine {}, fsync {}",
                    settings.directory(),
                    store.engine.name(),
                    settings.fsync() ? "on" : "off");
            return store;
        } catch (RuntimeException e) {
            OpenDirectories.giveBack(taken);
            throw e;
        }
    }

    /** What to say while a directory cannot be opened and the next attempt is not due. */
    public static StoreException unavailable(StoreSettings settings) {
        return new StoreException.Unavailable(
                settings.directory(),
                "could not be opened, see the log; it will be tried again",
                null);
    }

    /** How it was opened. */
    public StoreSettings settings() {
        return settings;
    }

    /** Its directory. */
    public Path directory() {
        return settings.directory();
    }

    /** The writer thread, or null with fsync = off. */
    public @Nullable GroupCommit groupCommit() {
        return groupCommit;
    }

    /** Attaches metrics. */
    public void setListener(JournalListener listener) {
        this.listener = listener;
    }

    /** Begins to tell a listener about new events. */
    public void addChangeListener(ChangeListener changes) {
        changeListeners.add(changes);
    }

    /** Ends it. */
    public void removeChangeListener(ChangeListener changes) {
        changeListeners.remove(changes);
    }

    /** Whether it can be written now. */
    public boolean isOpen() {
        return state == State.OPEN;
    }

    /**
     * Writes events: each append wholly or not at all, all of them in one write.
     *
     * <p>An append whose sequence numbers are taken is refused by itself ({@link AtomicAppend#refusal}).
     *
     * @param sync whether they are on stable storage when this returns
     * @throws StoreException.Unavailable if the write failed: it is unknown whether the events are stored
     */
    public void append(List<AtomicAppend> appends, boolean sync) {
        lock.lock();
        boolean done = false;
        try {
            Engine current = engine();
            space.check();
            persistenceIds.makeRoom();
            eventWriter.prepare(appends);
            write(current, sync);
            done = true;
            if (!changeListeners.isEmpty()) {
                tellOfChanges(appends);
            }
        } catch (EngineException e) {
            throw failed(e);
        } finally {
            if (!done) {
                // The states are ahead of what is stored.
                forget();
            }
            eventWriter.reset();
            lock.unlock();
        }
    }

    private void write(Engine current, boolean sync) {
        int count = eventWriter.records();
        long startNanos = System.nanoTime();
        if (count > 0) {
            eventWriter.write(current, sync);
        }
        long nanos = System.nanoTime() - startNanos;
        space.written(eventWriter.payloadBytes());
        meter.written(count, nanos, sync);
        listener.batchWritten(directory(), count, eventWriter.payloadBytes(), nanos, sync);
    }

    private void forget() {
        persistenceIds.forgetAll();
        tagIndex.forgetAll();
    }

    /**
     * Deletes events for every reader at once; the space is given back piece by piece.
     * @param toSequenceNr inclusive; {@link Long#MAX_VALUE} for all there are
     */
    public void deleteTo(String persistenceId, long toSequenceNr, boolean sync) {
        lock.lock();
        try {
            deletion.deleteTo(engine(), persistenceId, toSequenceNr, sync);
        } catch (EngineException e) {
            throw failed(e);
        } finally {
            lock.unlock();
        }
    }

    /** Highest sequence number ever stored for a persistence id; 0 if there is none. Never falls. */
    public long highestSequenceNr(String persistenceId) {
        PersistenceIdState known =
                StoreErrors.reading(
                        directory(),
                        "cannot read about " + persistenceId,
                        () -> persistenceIds.get(persistenceId));
        lock.lock();
        try {
            return known.highest;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Reads events in order.
     *
     * @param fromSequenceNr first, inclusive
     * @param toSequenceNr last, inclusive
     * @param visitor gets each event and returns false to stop
     * @throws StoreException.Damaged if a record is damaged
     */
    public void readEvents(
            String persistenceId,
            long fromSequenceNr,
            long toSequenceNr,
            EventReader.Visitor visitor) {
        EventReader.read(this, persistenceId, fromSequenceNr, toSequenceNr, visitor);
    }

    /** Numbers of this moment. */
    public JournalGauges gauges() {
        lock.lock();
        try {
            return meter.gauges(this, engine.name(), groupCommit, deletion.backlogKeys());
        } finally {
            lock.unlock();
        }
    }

    /** Ends everything: waits for the queue, stops the threads, closes the database. Idempotent. */
    public void close() {
        if (groupCommit != null) {
            groupCommit.close();
        }
        maintenance.close();
        boolean first;
        lock.lock();
        try {
            first = state != State.CLOSED;
            state = State.CLOSED;
        } finally {
            lock.unlock();
        }
        if (first) {
            // Not under the lock: it waits for readers, and a reader may wait for the lock.
            closeQuietly();
            OpenDirectories.giveBack(taken);
            LOG.info("Journal {} is closed", directory());
        }
    }

    Engine engine() {
        if (state != State.OPEN) {
            throw new StoreException.Unavailable(
                    directory(),
                    state == State.CLOSED ? "is closed" : "a write failed, waiting to be reopened",
                    failure);
        }
        return engine;
    }

    PersistenceIds persistenceIds() {
        return persistenceIds;
    }

    TagIndex tagIndex() {
        return tagIndex;
    }

    Deletion deletion() {
        return deletion;
    }

    Maintenance maintenance() {
        return maintenance;
    }

    AcknowledgementMark mark() {
        return mark;
    }

    /** A write failed: forget what was remembered and have the database opened again. */
    StoreException.Unavailable failed(EngineException cause) {
        lock.lock();
        try {
            if (state == State.OPEN) {
                state = State.FAILED;
                failure = cause;
                meter.failed();
                forget();
                deletion.forgetAll();
                LOG.error(
                        "Journal {}: a write failed, nothing is written until it is reopened: {}",
                        directory(),
                        cause.getMessage());
                listener.storeFailed(directory(), cause);
                maintenance.reopenLater();
            }
            return new StoreException.Unavailable(
                    directory(),
                    "a write failed, it is unknown whether it was stored: " + cause.getMessage(),
                    cause);
        } finally {
            lock.unlock();
        }
    }

    /** Closes the failed database and opens it again; called by the maintenance thread. */
    void reopen() {
        if (state != State.FAILED) {
            return;
        }
        closeQuietly();
        Engine fresh = StoreOpener.open(settings, between).engine();
        lock.lock();
        try {
            if (state == State.CLOSED) {
                fresh.close();
                return;
            }
            engine = fresh;
            persistenceIds.load(fresh);
            failure = null;
            state = State.OPEN;
            LOG.info("Journal {} is open again", directory());
            listener.storeReopened(directory());
            maintenance.start();
        } finally {
            lock.unlock();
        }
    }

    private void closeQuietly() {
        try {
            engine.close();
        } catch (EngineException e) {
            LOG.warn("Journal {}: {}", directory(), e.getMessage());
        }
    }

    private void tellOfChanges(List<AtomicAppend> appends) {
        for (AtomicAppend append : appends) {
            if (append.refusal() == null) {
                for (ChangeListener changes : changeListeners) {
                    changes.appended(append);
                }
            }
        }
    }
}
