package io.chainring.persistence.store;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineView;
import io.chainring.persistence.format.CounterRecord;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordWriter;
import io.chainring.persistence.format.Records;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The persistence ids of a store: their numbers, and what is remembered of those in use.
 *
 * <p>States are read from the database without the lock (reading may be slow) and entered under it; a state that a
 * writer entered meanwhile wins.
 */
final class PersistenceIds {
    private final Store store;
    private final RecordWriter writer;
    private final ConcurrentHashMap<String, PersistenceIdState> states = new ConcurrentHashMap<>();

    /** Guarded by the store's lock. */
    private long nextNumber;

    /** How often everything was forgotten: a state that was read before that must not be entered after it. */
    private volatile long forgotten;

    /** How often states were dropped that may have been in use; guarded by the store's lock. */
    private volatile long evictions;

    PersistenceIds(Store store, RecordWriter writer, long nextNumber) {
        this.store = store;
        this.writer = writer;
        this.nextNumber = nextNumber;
    }

    /** The database was opened again; under the lock. */
    void restart(long next) {
        nextNumber = next;
    }

    /** What is known of a persistence id; read from the database if it is not remembered. */
    PersistenceIdState get(String persistenceId) {
        while (true) {
            PersistenceIdState known = states.get(persistenceId);
            if (known != null) {
                return known;
            }
            long before = forgotten;
            boolean inBatch = store.lock.isHeldByCurrentThread();
            PersistenceIdState read = read(store.engine(), persistenceId);
            store.lock.lock();
            try {
                if (before == forgotten) {
                    if (!inBatch) {
                        makeRoom();
                    }
                    PersistenceIdState entered = states.putIfAbsent(persistenceId, read);
                    return entered == null ? read : entered;
                }
            } finally {
                store.lock.unlock();
            }
        }
    }

    @Nullable PersistenceIdState remembered(String persistenceId) {
        return states.get(persistenceId);
    }

    private void forget(String persistenceId) {
        forgotten++;
        states.remove(persistenceId);
    }

    /** Drops all states; under the lock. */
    void forgetAll() {
        forgotten++;
        evictions++;
        states.clear();
    }

    /**
     * Removes the names and counters of persistence ids that have neither events nor snapshots. The mark must not speak of
     * any of them afterwards, not on stable storage either: an older one there may, until it is synced.
     *
     * @param names by number
     * @param isIdle asked for each number, under the lock: whether nothing has happened to it since it was found so. Who is
     *     idle has not set the mark since it was cleared
     * @return how many were removed
     */
    int remove(Map<Long, String> names, LongPredicate isIdle) {
        store.lock.lock();
        try {
            store.mark().clearIf(names::containsKey);
        } finally {
            store.lock.unlock();
        }
        // Not under the lock: it may take long.
        store.mark().sync();
        store.lock.lock();
        try {
            store.requireRoom();
            List<String> removed = new ArrayList<>();
            List<Engine.Change> changes = new ArrayList<>();
            names.forEach(
                    (number, name) -> {
                        if (isIdle.test(number)) {
                            removed.add(name);
                            changes.add(Engine.Change.delete(Keys.name(name)));
                            changes.add(Engine.Change.delete(Keys.counter(number)));
                        }
                    });
            if (!changes.isEmpty()) {
                store.write(changes);
                removed.forEach(this::forget);
            }
            return removed.size();
        } finally {
            store.lock.unlock();
        }
    }

    /** How often states were dropped that may have been in use. */
    long evictions() {
        return evictions;
    }

    /** Gives a persistence id its number, with the changes that store it; under the lock. */
    void number(PersistenceIdState state, List<Engine.Change> changes) {
        if (state.number == 0) {
            state.number = nextNumber(changes);
            byte[] key = Keys.name(state.persistenceId);
            changes.add(Engine.Change.put(key, Records.name(writer, key, state.number)));
        }
    }

    /** The next number of the database, with the change that stores it; under the lock. */
    long nextNumber(List<Engine.Change> changes) {
        long number = nextNumber++;
        byte[] key = Keys.meta(Records.NEXT_NUMBER);
        changes.add(Engine.Change.put(key, Records.meta(writer, key, nextNumber)));
        return number;
    }

    /** The number of a persistence id, 0 if it has none. */
    long numberOf(String persistenceId) {
        return get(persistenceId).number;
    }

    /** Forgets everything when too much is remembered; under the lock, and never while a batch is being made. */
    void makeRoom() {
        if (states.size() >= store.settings().cachedPersistenceIds()) {
            forgetAll();
        }
    }

    private static PersistenceIdState read(EngineView engine, String persistenceId) {
        byte[] nameKey = Keys.name(persistenceId);
        byte[] name = engine.get(nameKey);
        if (name == null) {
            return new PersistenceIdState(persistenceId, 0, CounterRecord.NONE, 0);
        }
        long number = Records.number(nameKey, name);
        byte[] counterKey = Keys.counter(number);
        byte[] stored = engine.get(counterKey);
        CounterRecord counter =
                stored == null ? CounterRecord.NONE : CounterRecord.decode(counterKey, stored);
        long[] highest = {counter.highest()};
        engine.scan(
                Keys.event(number, counter.highest() + 1),
                Keys.above(Keys.EVENT, number),
                (key, value) -> {
                    highest[0] = Keys.positionAt(key, 9);
                    return true;
                });
        return new PersistenceIdState(persistenceId, number, counter, highest[0]);
    }
}
