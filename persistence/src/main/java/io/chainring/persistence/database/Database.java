package io.chainring.persistence.database;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.engine.EngineView;
import io.chainring.persistence.fault.JournalFaults;
import io.chainring.persistence.format.AcknowledgementMark;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordWriter;
import io.chainring.persistence.format.Records;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One open engine and its life. Everything that is written goes through its one {@link #put}; nobody else has an engine to
 * write with.
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
 * <p><b>Why a failed write closes the database.</b> After a failed append it is unknown how much of the record reached
 * the log, and LevelDB would go on behind the torn place; on the next opening everything after it would be dropped.
 * So the engine is closed, opened again, and everything remembered about sequence numbers is read anew. Until then
 * every write fails at once.
 */
public final class Database {
    private static final Logger LOG = LoggerFactory.getLogger(Database.class);

    private enum State {
        OPEN,
        FAILED,
        CLOSED
    }

    /** Guards the state, and the order of writes. */
    public final ReentrantLock lock = new ReentrantLock();

    private final StoreSettings settings;
    private final Path taken;
    private final UnaryOperator<Engine> between;
    private final SpaceGuard space;
    private final AcknowledgementMark mark;
    private final long firstNumber;

    /** Guards the order of changes other than events: as they are counted, so they are written. */
    private final ReentrantLock counting = new ReentrantLock();

    private final RecordWriter writer = new RecordWriter();
    private final byte[] changesKey = Keys.meta(Records.CHANGES);
    private long changes;
    private volatile Engine engine;
    private volatile State state = State.OPEN;
    private volatile @Nullable Throwable failure;

    /** Who remembers what is in it; set before anything is written. */
    private volatile Owner owner =
            new Owner() {
                @Override
                public void failed(Throwable cause) {}

                @Override
                public void reopened(long nextNumber) {}
            };

    /** Hears of its life; called under the lock. */
    public interface Owner {
        /** A write failed: what is remembered may not be what is stored, and {@link #reopen} is to be called. */
        void failed(Throwable cause);

        /** It is open again. */
        void reopened(long nextNumber);
    }

    private Database(
            StoreSettings settings,
            Path taken,
            UnaryOperator<Engine> between,
            SpaceGuard space,
            StoreOpener.Opened opened) {
        this.settings = settings;
        this.taken = taken;
        this.between = between;
        this.space = space;
        this.engine = opened.engine();
        this.mark = opened.mark();
        this.firstNumber = opened.nextNumber();
        this.changes = opened.changes();
    }

    /**
     * Opens a directory; the library's object goes through {@code between}.
     *
     * @param faults what may go wrong with its room on purpose
     */
    public static Database open(
            StoreSettings settings, UnaryOperator<Engine> between, @Nullable JournalFaults faults) {
        Path taken = OpenDirectories.take(settings.directory());
        SpaceGuard space = null;
        try {
            space = SpaceGuard.of(settings.directory(), settings.minFreeBytes(), faults);
            return new Database(
                    settings, taken, between, space, StoreOpener.open(settings, between));
        } catch (RuntimeException | Error e) {
            if (space != null) {
                space.close();
            }
            OpenDirectories.giveBack(taken);
            throw e;
        }
    }

    public void tell(Owner newOwner) {
        owner = newOwner;
    }

    public Path directory() {
        return settings.directory();
    }

    /** Name of the library that runs it. */
    public String engineName() {
        return engine.name();
    }

    public AcknowledgementMark mark() {
        return mark;
    }

    /** The next free number when it was opened. */
    public long firstNumber() {
        return firstNumber;
    }

    /** Whether it can be written now. */
    public boolean isOpen() {
        return state == State.OPEN;
    }

    /** Whether writes are refused for want of space. */
    public boolean isFull() {
        return state == State.OPEN && space.problem() != null;
    }

    /** Why nothing can be written now, in one line; null if it can. */
    public @Nullable String problem() {
        Throwable cause = failure;
        return switch (state) {
            case OPEN -> space.problem();
            case CLOSED -> directory() + ": is closed";
            case FAILED ->
                    directory()
                            + ": a write failed, waiting to be reopened"
                            + (cause == null ? "" : ": " + cause.getMessage());
        };
    }

    /** What is stored, to read. */
    public EngineView view() {
        return opened();
    }

    /**
     * Asked before a write and before anything is changed in memory for it: a refusal touched nothing.
     *
     * @throws StoreException.Unavailable if the file system is nearly full, or it is not open
     */
    public void requireRoom() {
        opened();
        space.check();
    }

    private Engine opened() {
        if (state != State.OPEN) {
            throw new StoreException.Unavailable(
                    directory(),
                    state == State.CLOSED ? "is closed" : "a write failed, waiting to be reopened",
                    failure);
        }
        return engine;
    }

    /**
     * Writes anything but events, with its number, and sets the mark: the end of a log that is lost is noticed then.
     *
     * @param sync true: synced in any case
     * @throws StoreException.Unavailable as of {@link #writeEvents}
     */
    public void write(List<Engine.Change> others, boolean sync) {
        List<Engine.Change> counted = new ArrayList<>(others.size() + 1);
        counted.addAll(others);
        try {
            // Not around what fails: that takes the other lock, and who has it may wait for this
            // one.
            counting.lock();
            try {
                long number = changes + 1;
                counted.add(
                        Engine.Change.put(changesKey, Records.meta(writer, changesKey, number)));
                put(counted, sync);
                changes = number;
                mark.setChanges(number);
            } finally {
                counting.unlock();
            }
        } catch (RuntimeException | Error e) {
            throw failed(e);
        }
    }

    /**
     * Writes events, and what goes along with them; {@link AcknowledgementMark#set} tells of them.
     *
     * @param sync true: synced in any case
     * @throws StoreException.Unavailable if it failed: it is unknown what is stored, and the database is opened again
     */
    public void writeEvents(List<Engine.Change> events, boolean sync) {
        try {
            put(events, sync);
        } catch (RuntimeException | Error e) {
            throw failed(e);
        }
    }

    /**
     * The one place through which everything is written. With fsync on nothing is written unsynced: LevelDB does not sync
     * a log that it leaves for the next one, so a synced record says nothing about unsynced ones before it.
     */
    private void put(List<Engine.Change> written, boolean sync) {
        boolean synced = sync || settings.fsync();
        Engine current = opened();
        byte[] value = written.size() == 1 ? written.get(0).value() : null;
        if (value == null) {
            current.write(written, synced);
        } else {
            current.put(written.get(0).key(), value, synced);
        }
        space.written(bytes(written));
    }

    private static long bytes(List<Engine.Change> changes) {
        long sum = 0;
        for (int i = 0; i < changes.size(); i++) {
            byte[] value = changes.get(i).value();
            sum += changes.get(i).key().length + (value == null ? 0 : value.length);
        }
        return sum;
    }

    /**
     * Gives the space of what was removed in {@code [fromKey, toKey)} back; returns when it is done.
     *
     * @throws StoreException.Unavailable if there is no room for it, or it failed: no library writes after that
     */
    public void compact(byte[] fromKey, byte[] toKey) {
        requireRoom();
        try {
            opened().compact(fromKey, toKey);
        } catch (RuntimeException | Error e) {
            throw failed(e);
        }
    }

    /**
     * The one end of a write that threw something. Unless it was refused before anything was touched, or could not read what
     * it needed, it is unknown what is stored: forget what was remembered and have the database opened again.
     *
     * @return what to say to whoever asked for it
     */
    public StoreException failed(Throwable cause) {
        if (cause instanceof StoreException refusal) {
            return refusal;
        }
        if (cause instanceof FormatException damage) {
            return StoreErrors.damaged(directory(), "cannot be written", damage);
        }
        if (cause instanceof EngineException.Read || cause instanceof EngineException.Closed) {
            // Whoever asked has his answer, and nobody else suffers from it.
            return StoreErrors.explain(directory(), "cannot be read", (EngineException) cause);
        }
        String why =
                cause instanceof EngineException
                        ? String.valueOf(cause.getMessage())
                        : cause.toString();
        lock.lock();
        try {
            if (state == State.OPEN) {
                state = State.FAILED;
                failure = cause;
                LOG.error(
                        "Journal {}: a write failed, nothing is written until it is reopened: {}",
                        directory(),
                        why);
                owner.failed(cause);
            }
        } finally {
            lock.unlock();
        }
        return new StoreException.Unavailable(
                directory(), "a write failed, it is unknown whether it was stored: " + why, cause);
    }

    /** Closes the failed engine and opens it again; called by the maintenance thread. */
    public void reopen() {
        if (state != State.FAILED) {
            return;
        }
        closeQuietly();
        StoreOpener.Opened again = StoreOpener.open(settings, between);
        lock.lock();
        try {
            if (state == State.CLOSED) {
                again.engine().close();
                return;
            }
            engine = again.engine();
            counting.lock();
            changes = again.changes();
            counting.unlock();
            failure = null;
            state = State.OPEN;
            LOG.info("Journal {} is open again", directory());
            owner.reopened(again.nextNumber());
        } finally {
            lock.unlock();
        }
    }

    /** Closes it for good, once. */
    public void close() {
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
            space.close();
            OpenDirectories.giveBack(taken);
            LOG.info("Journal {} is closed", directory());
        }
    }

    private void closeQuietly() {
        try {
            engine.close();
        } catch (RuntimeException e) {
            LOG.warn("Journal {}: {}", directory(), e.getMessage());
        }
    }
}
