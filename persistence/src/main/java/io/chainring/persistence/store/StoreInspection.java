package io.chainring.persistence.store;

import io.chainring.base.text.Printable;
import io.chainring.persistence.database.SpaceGuard;
import io.chainring.persistence.database.StoreErrors;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.database.StoreOpener;
import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.engine.EngineView;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordReader;
import io.chainring.persistence.format.RecordWriter;
import io.chainring.persistence.format.Records;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What tools and queries ask of a store beyond reading and writing events. */
public final class StoreInspection {
    private static final int PIECE_KEYS = 1000;

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
     * Makes sure that there is room for something large.
     *
     * @param what for people: "repairing it"
     * @throws StoreException.Unavailable if the file system has less free than it takes
     */
    public static void mustHaveRoom(Path directory, long neededBytes, String what)
            throws IOException {
        SpaceGuard.mustHaveRoom(directory, neededBytes, what);
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
                        "cannot read about " + Printable.name(persistenceId),
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
            more = store.deletion().removePiece(PIECE_KEYS);
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

    /**
     * Looks for events that are missing while a tag refers to them.
     *
     * @param report gets a line for each
     */
    public void verifyTags(Consumer<String> report) {
        StoreErrors.reading(
                store.directory(),
                "cannot read tags",
                () -> {
                    TagReferences.verify(store, report);
                    return store;
                });
    }

    /** Gives the space of everything removed back; returns when it is done. */
    public void compactAll() {
        try {
            store.compact(Keys.first(Keys.META), Keys.above(Keys.SNAPSHOT_PART));
        } catch (EngineException e) {
            throw StoreErrors.explain(store.directory(), "cannot be compacted", e);
        }
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
            store.requireRoom();
            List<Engine.Change> changes = new ArrayList<>();
            store.persistenceIds().number(state, changes);
            state.highest = deletedTo;
            state.deletedTo = deletedTo;
            state.purgedTo = deletedTo;
            state.deletedAtMillis = System.currentTimeMillis();
            byte[] key = Keys.counter(state.number);
            changes.add(Engine.Change.put(key, state.counter().encode(writer, key)));
            store.write(changes, true);
            store.begun(persistenceId);
        } finally {
            store.lock.unlock();
        }
    }

    /** Everything that is stored. */
    public EngineView stored() {
        return store.engine();
    }

    /**
     * For a repair: from now on nothing is removed in the background. A removal stores what was remembered of a persistence id
     * together with it, which is not what the repair finds.
     */
    public void standStill() {
        store.maintenance().close();
        store.lock.lock();
        try {
            store.deletion().forgetAll();
        } finally {
            store.lock.unlock();
        }
        forgetRemembered();
    }

    /** For a repair: changes what is stored, synced; what is remembered of it must be forgotten then. */
    public void change(List<Engine.Change> changes) {
        store.requireRoom();
        store.write(changes, true);
    }

    /** For a repair: whatever was remembered is read again. */
    public void forgetRemembered() {
        store.lock.lock();
        try {
            store.persistenceIds().forgetAll();
            store.tagIndex().forgetAll();
        } finally {
            store.lock.unlock();
        }
    }

    /** The number under which a persistence id is stored, 0 if it has none. */
    public long numberOf(String persistenceId) {
        return store.persistenceIds().numberOf(persistenceId);
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
        highest[0] = Math.max(highest[0], StoreOpener.nextNumber(store.engine()) - 1);
        byte[] key = Keys.meta(Records.NEXT_NUMBER);
        store.lock.lock();
        try {
            store.requireRoom();
            store.write(
                    List.of(Engine.Change.put(key, Records.meta(writer, key, highest[0] + 1))),
                    true);
            store.persistenceIds().forgetAll();
            store.persistenceIds().restart(highest[0] + 1);
        } finally {
            store.lock.unlock();
        }
    }
}
