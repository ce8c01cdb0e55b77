package io.chainring.persistence.store;

import io.chainring.base.text.Printable;
import io.chainring.persistence.database.Database;
import io.chainring.persistence.database.StoreErrors;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineView;
import io.chainring.persistence.fault.JournalFaults;
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
 * <p>The open engine and its life are a {@link Database}; here is what a journal does with it.
 *
 * <p><b>Who writes.</b> {@link #append} is called either by the journal actor on its own dispatcher (fsync = off: the
 * write is a copy into the kernel, some microseconds, and a thread hop would cost more than the write) or by the
 * {@link GroupCommit} thread (fsync = on: one sync for whatever has arrived while the last one was under way). One
 * lock guards the numbering and the order of writes; it is practically always free, because one directory has one
 * writer. Nothing that may block long is done under it, except the write itself.
 *
 * <p><b>What is remembered.</b> Numbers, highest and deleted sequence numbers of the persistence ids in use, in {@link
 * PersistenceIds}; all of it can be read again from the database.
 */
public final class Store {
    private static final Logger LOG = LoggerFactory.getLogger(Store.class);

    /** The database's: guards the numbering, too. */
    final ReentrantLock lock;

    private final Database database;
    private final @Nullable JournalFaults faults;
    private final StoreSettings settings;
    private final PersistenceIds persistenceIds;
    private final TagIndex tagIndex;
    private final EventWriter eventWriter;
    private final Deletion deletion;
    private final Maintenance maintenance;
    private final CopyOnWriteArrayList<ChangeListener> changeListeners =
            new CopyOnWriteArrayList<>();
    private volatile JournalListener listener = JournalListener.NONE;
    private final @Nullable GroupCommit groupCommit;

    /** Guarded by the lock. */
    private final WriteMeter meter = new WriteMeter();

    /** Hears of new events; called under the lock, so it only wakes somebody. */
    public interface ChangeListener {
        /** Something was appended for a persistence id. */
        void appended(AtomicAppend append);

        /** A persistence id was entered without an event. */
        default void begun(String persistenceId) {}
    }

    private Store(StoreSettings settings, Database database, @Nullable JournalFaults faults) {
        this.faults = faults;
        this.settings = settings;
        this.database = database;
        this.lock = database.lock;
        RecordWriter writer = new RecordWriter();
        this.persistenceIds = new PersistenceIds(this, writer, database.firstNumber());
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
        return open(settings, (JournalFaults) null);
    }

    /** As {@link #open(StoreSettings)}; it fails on purpose when it is told to. */
    public static Store open(StoreSettings settings, @Nullable JournalFaults faults) {
        return open(settings, faults == null ? UnaryOperator.identity() : faults::between, faults);
    }

    /** Opens a directory; a test may put something between the store and the library. */
    static Store open(StoreSettings settings, UnaryOperator<Engine> between) {
        return open(settings, between, null);
    }

    private static Store open(
            StoreSettings settings, UnaryOperator<Engine> between, @Nullable JournalFaults faults) {
        Database database = Database.open(settings, between, faults);
        try {
            Store store = new Store(settings, database, faults);
            database.tell(store.new Memory());
            store.maintenance.start();
            String fsync = settings.fsync() ? "on" : "off";
            LOG.info(
                    "Journal {} is open: engine {}, fsync {}",
                    settings.directory(),
                    database.engineName(),
                    fsync);
            return store;
        } catch (RuntimeException | Error e) {
            // A thread that cannot be started is an Error, and may be there at the next try.
            database.close();
            throw e;
        }
    }

    /** What is remembered of a database must not outlive its failure. */
    private final class Memory implements Database.Owner {
        @Override
        public void failed(Throwable cause) {
            meter.failed();
            forget();
            deletion.forgetAll();
            maintenance.reopenLater();
            try {
                listener.storeFailed(directory(), cause);
            } catch (RuntimeException e) {
                LOG.warn("Journal {}: its listener failed", directory(), e);
            }
        }

        @Override
        public void reopened(long nextNumber) {
            persistenceIds.restart(nextNumber);
            maintenance.start();
            listener.storeReopened(directory());
        }
    }

    /** How it was opened. */
    public StoreSettings settings() {
        return settings;
    }

    /** An event is about to be serialized; throws when it is to be rejected on purpose. */
    public void serializing() {
        if (faults != null) {
            faults.serializing();
        }
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
        return database.isOpen();
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
            requireRoom();
            persistenceIds.makeRoom();
            eventWriter.prepare(appends);
            writePrepared(appends, sync);
            done = true;
        } catch (RuntimeException | Error e) {
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

    private void writePrepared(List<AtomicAppend> appends, boolean sync) {
        int count = eventWriter.records();
        long startNanos = System.nanoTime();
        if (count > 0) {
            eventWriter.write(sync);
        }
        long nanos = System.nanoTime() - startNanos;
        meter.written(count, nanos, sync);
        try {
            listener.batchWritten(directory(), count, eventWriter.payloadBytes(), nanos, sync);
            if (!changeListeners.isEmpty()) {
                List<AtomicAppend> stored =
                        appends.stream().filter(append -> append.refusal() == null).toList();
                changeListeners.forEach(changes -> stored.forEach(changes::appended));
            }
        } catch (RuntimeException e) {
            LOG.warn("Journal {}: somebody who hears of writes failed", directory(), e);
        }
    }

    /** Tells of a persistence id that was entered without an event; under the lock. */
    void begun(String persistenceId) {
        changeListeners.forEach(changes -> changes.begun(persistenceId));
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
            requireRoom();
            deletion.deleteTo(persistenceId, toSequenceNr, sync);
        } catch (RuntimeException | Error e) {
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
                        "cannot read about " + Printable.name(persistenceId),
                        () -> persistenceIds.get(persistenceId));
        lock.lock();
        try {
            return known.highest;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Reads events in order, from the first to the last, both inclusive.
     *
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
            return meter.gauges(this, database.engineName(), groupCommit, deletion);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends everything: waits for the queue, stops the threads, closes the database. Idempotent. Called by the completion of a
     * write it returns at once, and a thread of its own does so.
     */
    public void close() {
        if (groupCommit != null && groupCommit.isOwnThread()) {
            // Who completes a write may be who ends the application.
            new Thread(this::close, "journal-closer-" + directory().getFileName()).start();
            return;
        }
        if (groupCommit != null) {
            groupCommit.close();
        }
        maintenance.close();
        database.close();
    }

    /** What is stored, to read. */
    EngineView engine() {
        return database.view();
    }

    /** Whether writes are refused for want of space. */
    boolean isFull() {
        return database.isFull();
    }

    /** {@link Database#requireRoom}. */
    void requireRoom() {
        database.requireRoom();
    }

    /** Why nothing can be written now, in one line; null if it can. */
    public @Nullable String problem() {
        return database.problem();
    }

    /** Writes changes as this directory is written: with fsync on, they are on stable storage when this returns. */
    void write(List<Engine.Change> changes) {
        database.write(changes, settings.fsync());
    }

    /** {@link Database#writeEvents}. */
    void writeEvents(List<Engine.Change> changes, boolean sync) {
        database.writeEvents(changes, sync);
    }

    /** {@link Database#write}. */
    void write(List<Engine.Change> changes, boolean sync) {
        database.write(changes, sync);
    }

    /** {@link Database#compact}. */
    void compact(byte[] fromKey, byte[] toKey) {
        database.compact(fromKey, toKey);
    }

    /** {@link Database#failed}. */
    StoreException failed(Throwable cause) {
        return database.failed(cause);
    }

    /** {@link Database#reopen}. */
    void reopen() {
        database.reopen();
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
        return database.mark();
    }
}
