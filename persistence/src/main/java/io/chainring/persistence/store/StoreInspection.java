package io.chainring.persistence.store;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.format.CounterRecord;
import io.chainring.persistence.format.EventRecord;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordReader;
import io.chainring.persistence.format.RecordWriter;
import io.chainring.persistence.format.Records;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What tools and queries ask of a store beyond reading and writing events. */
public final class StoreInspection {
    private static final int DELETE_AT_ONCE = 1000;

    private final Store store;
    private final RecordWriter writer = new RecordWriter();

    /** Of one store. */
    public StoreInspection(Store store) {
        this.store = store;
    }

    /**
     * Makes sure, without opening it, that nobody has a directory open.
     *
     * @throws StoreException.Locked if somebody has
     */
    public static void mustBeFree(Path directory) {
        StoreOpener.mustBeFree(directory);
    }

    /**
     * Visits persistence ids in the order of their bytes.
     *
     * @param after only those above this; null for all
     * @param limit most to visit
     */
    public void persistenceIds(@Nullable String after, int limit, Consumer<String> visitor) {
        byte[] from = after == null ? Keys.first(Keys.NAME) : behind(Keys.name(after));
        List<String> page = new ArrayList<>();
        StoreErrors.reading(
                store.directory(),
                "cannot read the persistence ids",
                () -> {
                    store.engine()
                            .scan(
                                    from,
                                    Keys.above(Keys.NAME),
                                    (key, value) -> {
                                        page.add(Keys.textOf(key));
                                        return page.size() < limit;
                                    });
                    return page;
                });
        page.forEach(visitor);
    }

    private static byte[] behind(byte[] key) {
        return Arrays.copyOf(key, key.length + 1);
    }

    /** Events up to here are deleted; 0 if none is. */
    public long deletedTo(String persistenceId) {
        PersistenceIdState state =
                StoreErrors.reading(
                        store.directory(),
                        "cannot read about " + persistenceId,
                        () -> store.persistenceIds().get(persistenceId));
        store.lock.lock();
        try {
            return state.deletedTo;
        } finally {
            store.lock.unlock();
        }
    }

    /** Removes everything that is deleted but still on disk; returns when it is done. */
    public void finishDeletions() {
        StoreErrors.reading(
                store.directory(),
                "cannot read the persistence ids",
                () -> {
                    Leftovers.resume(store);
                    return store;
                });
        boolean more = true;
        while (more) {
            store.lock.lock();
            try {
                more = !store.deletion().isEmpty();
                if (more) {
                    store.deletion().removePiece(store.engine());
                }
            } finally {
                store.lock.unlock();
            }
        }
    }

    /**
     * Reads every entry, also what is deleted and not removed yet, and checks its checksum.
     *
     * @throws StoreException.Damaged at the first one that cannot be read
     */
    public void readEverything() {
        try {
            store.engine()
                    .scan(
                            Keys.first(Keys.META),
                            Keys.first(Keys.SNAPSHOT_PART),
                            (key, value) -> new RecordReader(key, value).flags() >= 0);
        } catch (FormatException e) {
            throw StoreErrors.damaged(store.directory(), "cannot be read", e);
        } catch (EngineException e) {
            throw StoreErrors.explain(store.directory(), "cannot be read", e);
        }
    }

    /** Gives the space of everything removed back; returns when it is done. */
    public void compactAll() {
        try {
            store.engine().compact(Keys.first(Keys.META), Keys.above(Keys.SNAPSHOT_PART));
        } catch (EngineException e) {
            throw StoreErrors.explain(store.directory(), "cannot be compacted", e);
        }
    }

    /**
     * Removes the name and counters of an actor that has deleted all its events and has no snapshot, whatever its age. Should
     * it come back, it begins with sequence number 1.
     *
     * @return false if it still has events or snapshots, or is unknown
     */
    public boolean forget(String persistenceId) {
        return Leftovers.forget(store, persistenceId, Long.MAX_VALUE);
    }

    /**
     * For an import: a persistence id whose events up to a number were deleted elsewhere.
     *
     * @throws StoreException.SequenceNrTaken if the persistence id is known already
     */
    public void begin(String persistenceId, long deletedTo) {
        store.lock.lock();
        try {
            PersistenceIdState state = store.persistenceIds().get(persistenceId);
            if (state.highest > 0) {
                throw new StoreException.SequenceNrTaken(
                        store.directory(), persistenceId, deletedTo + 1, state.highest);
            }
            List<Engine.Change> changes = new ArrayList<>();
            store.persistenceIds().number(state, changes);
            state.highest = deletedTo;
            state.deletedTo = deletedTo;
            state.purgedTo = deletedTo;
            state.deletedAtMillis = System.currentTimeMillis();
            byte[] key = Keys.counter(state.number);
            changes.add(Engine.Change.put(key, state.counter().encode(writer, key)));
            store.engine().write(changes, true);
        } finally {
            store.lock.unlock();
        }
    }

    /** After a repair: makes sure that no number is given twice. */
    public void rebuildNumbers() {
        long[] highest = {0};
        for (byte kind : new byte[] {Keys.NAME, Keys.TAG_NAME}) {
            store.engine()
                    .scan(
                            Keys.first(kind),
                            Keys.above(kind),
                            (key, value) -> {
                                highest[0] = Math.max(highest[0], Records.value(key, value));
                                return true;
                            });
        }
        for (byte kind : new byte[] {Keys.COUNTER, Keys.EVENT, Keys.TAG, Keys.SNAPSHOT}) {
            store.engine()
                    .scan(
                            Keys.first(kind),
                            Keys.above(kind),
                            (key, value) -> {
                                highest[0] = Math.max(highest[0], Keys.longAt(key, 1));
                                return true;
                            });
        }
        byte[] key = Keys.meta(Records.NEXT_NUMBER);
        store.lock.lock();
        try {
            store.engine().put(key, Records.meta(writer, key, highest[0] + 1), true);
            store.persistenceIds().forgetAll();
            store.persistenceIds().load(store.engine());
        } finally {
            store.lock.unlock();
        }
    }

    /**
     * After a repair: keeps of one persistence id the events up to the first one that is missing or damaged, and removes what
     * follows it.
     *
     * @param report gets a line if something is removed
     * @return how many events are kept
     */
    public long trimToIntact(String persistenceId, Consumer<String> report) {
        Engine engine = store.engine();
        byte[] nameKey = Keys.name(persistenceId);
        byte[] name = engine.get(nameKey);
        if (name == null) {
            return 0;
        }
        long number = Records.value(nameKey, name);
        CounterRecord counter = intactCounter(engine, number);
        IntactPrefix prefix = new IntactPrefix(counter == null ? -1 : counter.deletedTo());
        engine.scan(
                Keys.event(number, counter == null ? 1 : counter.deletedTo() + 1),
                Keys.above(Keys.EVENT, number),
                prefix::next);
        long believed = counter == null ? prefix.last : Math.max(counter.highest(), prefix.last);
        if (counter != null && prefix.good == believed) {
            return prefix.kept;
        }
        removeFrom(engine, number, prefix.good + 1);
        long deletedTo = Math.max(0, prefix.deletedTo);
        byte[] key = Keys.counter(number);
        CounterRecord mended =
                new CounterRecord(
                        prefix.good, deletedTo, deletedTo, System.currentTimeMillis(), true);
        engine.put(key, mended.encode(writer, key), true);
        store.lock.lock();
        try {
            store.persistenceIds().forgetAll();
        } finally {
            store.lock.unlock();
        }
        if (prefix.good < believed) {
            report.accept(
                    persistenceId
                            + ": events "
                            + (prefix.good + 1)
                            + " to "
                            + believed
                            + " are lost or follow a lost one");
        }
        return prefix.kept;
    }

    private static @Nullable CounterRecord intactCounter(Engine engine, long number) {
        byte[] key = Keys.counter(number);
        byte[] value = engine.get(key);
        try {
            return value == null ? null : CounterRecord.decode(key, value);
        } catch (FormatException e) {
            // It is rebuilt from the events.
            return null;
        }
    }

    private static void removeFrom(Engine engine, long number, long sequenceNr) {
        List<Engine.Change> changes = new ArrayList<>();
        engine.scan(
                Keys.event(number, sequenceNr),
                Keys.above(Keys.EVENT, number),
                (key, value) -> {
                    changes.add(Engine.Change.delete(key));
                    if (changes.size() == DELETE_AT_ONCE) {
                        engine.write(changes, false);
                        changes.clear();
                    }
                    return true;
                });
        engine.write(changes, true);
    }

    /** Finds the longest run of intact events from the first one on. */
    private static final class IntactPrefix {
        /** Where the events begin, minus one; -1 until the first one is seen. */
        private long deletedTo;

        private long good;
        private long last;
        private long kept;
        private boolean broken;

        IntactPrefix(long deletedTo) {
            this.deletedTo = deletedTo;
            this.good = Math.max(0, deletedTo);
            this.last = good;
        }

        boolean next(byte[] key, byte[] value) {
            long sequenceNr = Keys.longAt(key, 9);
            last = sequenceNr;
            if (deletedTo < 0) {
                deletedTo = sequenceNr - 1;
                good = deletedTo;
            }
            if (!broken && (isIntact(key, value, sequenceNr))) {
                good = sequenceNr;
                kept++;
            } else {
                broken = true;
            }
            return true;
        }

        private boolean isIntact(byte[] key, byte[] value, long sequenceNr) {
            try {
                EventRecord event = EventRecord.decode(key, value);
                return sequenceNr == good + 1 || event.afterGap();
            } catch (FormatException e) {
                return false;
            }
        }
    }
}
