package io.chainring.persistence.store;

import io.chainring.base.text.Printable;
import io.chainring.persistence.database.StoreErrors;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineView;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordWriter;
import io.chainring.persistence.format.SnapshotRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots of a store.
 *
 * <p>LevelDB lets one writer at a time into its log, so a large snapshot in one piece would hold up the events of a
 * loop. It is written in parts of {@value #PART_BYTES} bytes, each a write of its own (with fsync on, a synced one), and
 * exists only with its last record, which holds the number, length and checksum of the parts. Snapshots and events share
 * one log: a snapshot that was acknowledged before a deletion is there whenever the deletion is.
 */
public final class SnapshotArea {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotArea.class);

    private static final int PART_BYTES = 64 << 10;
    private static final int LARGEST_ARRAY_BYTES = Integer.MAX_VALUE - 16;

    private final Store store;

    /** Of one store. */
    public SnapshotArea(Store store) {
        this.store = store;
    }

    /**
     * Which snapshot.
     *
     * @param sequenceNr the sequence number it covers
     * @param timestampMillis when it was saved
     */
    public record Id(long sequenceNr, long timestampMillis) {}

    /** What to do where the youngest snapshot can't be read, and the events that only it covers are deleted. */
    public enum WhenUnreadable {
        /** Nothing is given: whoever recovers fails, and what is stored can be repaired. */
        FAIL,
        /** The next older one that can be read is given, as Pekko's own snapshot store does; the events between are lost. */
        OLDER;

        /**
         * Reads the name of the setting.
         *
         * @throws IllegalArgumentException with the names that there are
         */
        public static WhenUnreadable of(String name) {
            return switch (name) {
                case "fail" -> FAIL;
                case "older" -> OLDER;
                default -> throw new IllegalArgumentException("one of fail, older");
            };
        }
    }

    /**
     * A snapshot that was read.
     *
     * @param id which
     * @param payload serialized snapshot
     * @param metadata serialized metadata, or null
     */
    public record Stored(Id id, Serialized payload, @Nullable Serialized metadata) {}

    /** Saves a snapshot; it is there wholly when this returns, or not at all. */
    public void save(
            String persistenceId, Id id, Serialized payload, @Nullable Serialized metadata) {
        byte[] bytes = payload.bytes();
        if (bytes.length > store.settings().maxSnapshotBytes()) {
            throw new IllegalArgumentException(
                    "snapshot of %s has %s bytes, max-snapshot-size is %s"
                            .formatted(
                                    Printable.name(persistenceId),
                                    bytes.length,
                                    store.settings().maxSnapshotBytes()));
        }
        List<Engine.Change> changes = new ArrayList<>();
        long number = number(persistenceId, changes);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length);
        int parts = bytes.length <= PART_BYTES ? 0 : (bytes.length + PART_BYTES - 1) / PART_BYTES;
        for (int part = 0; part < parts; part++) {
            int from = part * PART_BYTES;
            byte[] piece =
                    Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + PART_BYTES));
            store.requireRoom();
            store.write(
                    List.of(
                            Engine.Change.put(
                                    Keys.snapshotPart(
                                            number, id.sequenceNr(), id.timestampMillis(), part),
                                    piece)));
        }
        byte[] key = Keys.snapshot(number, id.sequenceNr(), id.timestampMillis());
        Serialized inline =
                parts == 0
                        ? payload
                        : new Serialized(payload.serializerId(), payload.manifest(), new byte[0]);
        SnapshotRecord record =
                new SnapshotRecord(inline, parts, bytes.length, (int) crc.getValue(), metadata);
        changes.add(Engine.Change.put(key, record.encode(new RecordWriter(), key)));
        store.requireRoom();
        store.write(changes);
    }

    /**
     * Reads the youngest snapshot that matches: highest sequence number, then latest time. One that is damaged is passed
     * over, with a line in the log, where an older one that matches, or none at all, has all events behind it.
     *
     * @throws StoreException.Damaged if it is damaged, and events that only it covers are deleted
     */
    public @Nullable Stored loadYoungest(String persistenceId, BiPredicate<Long, Long> matches) {
        return loadYoungest(persistenceId, matches, WhenUnreadable.FAIL, stored -> stored);
    }

    /**
     * The same, for whoever makes something of it that may fail.
     *
     * @param whenUnreadable what to do where no events make up for what can't be read
     * @param use makes it of what is stored; what it throws is unreadable, too
     */
    public <T> @Nullable T loadYoungest(
            String persistenceId,
            BiPredicate<Long, Long> matches,
            WhenUnreadable whenUnreadable,
            Function<Stored, T> use) {
        return StoreErrors.reading(
                store.directory(),
                "cannot read snapshot of " + Printable.name(persistenceId),
                () -> load(persistenceId, matches, whenUnreadable, use));
    }

    private <T> @Nullable T load(
            String persistenceId,
            BiPredicate<Long, Long> matches,
            WhenUnreadable whenUnreadable,
            Function<Stored, T> use) {
        PersistenceIdState state = store.persistenceIds().get(persistenceId);
        if (state.number == 0) {
            return null;
        }
        EngineView engine = store.engine();
        List<byte[]> keys = keys(engine, state.number, matches);
        RuntimeException damage = null;
        boolean strict = whenUnreadable == WhenUnreadable.FAIL;
        for (int i = keys.size() - 1; i >= 0; i--) {
            byte[] key = keys.get(i);
            if (strict && damage != null && Keys.longAt(key, 9) < deletedTo(state)) {
                throw damage;
            }
            byte[] value = engine.get(key);
            try {
                if (value != null) {
                    T found = use.apply(read(engine, state.number, key, value));
                    if (damage != null) {
                        tellOfGap(persistenceId, Keys.longAt(key, 9), deletedTo(state));
                    }
                    return found;
                }
            } catch (Exception e) {
                // A serializer written in Scala throws checked ones, too.
                if (strict && !(e instanceof FormatException)) {
                    throw e;
                }
                if (engine.get(key) == null) {
                    // Deleted while it was read.
                    continue;
                }
                LOG.error(
                        "Journal {}: snapshot of {} up to event {} can't be read, looking for an older one: {}",
                        store.directory(),
                        Printable.name(persistenceId),
                        Keys.longAt(key, 9),
                        Printable.reason(e));
                damage = damage == null ? unchecked(e) : damage;
            }
        }
        if (damage != null && deletedTo(state) > 0) {
            throw damage;
        }
        return null;
    }

    private static RuntimeException unchecked(Exception e) {
        return e instanceof RuntimeException runtime
                ? runtime
                : new IllegalStateException(Printable.reason(e), e);
    }

    private void tellOfGap(String persistenceId, long covered, long deletedTo) {
        if (covered < deletedTo) {
            LOG.error(
                    "Journal {}: {} recovers without its events {} to {}: they are deleted, and the snapshot that covers them"
                            + " can't be read (when-unreadable = older)",
                    store.directory(),
                    Printable.name(persistenceId),
                    covered + 1,
                    deletedTo);
        }
    }

    private long deletedTo(PersistenceIdState state) {
        store.lock.lock();
        try {
            return state.deletedTo;
        } finally {
            store.lock.unlock();
        }
    }

    private static List<byte[]> keys(
            EngineView engine, long number, BiPredicate<Long, Long> matches) {
        List<byte[]> keys = new ArrayList<>();
        engine.scan(
                Keys.first(Keys.SNAPSHOT, number),
                Keys.above(Keys.SNAPSHOT, number),
                (key, value) -> {
                    if (matches.test(Keys.longAt(key, 9), Keys.longAt(key, 17))) {
                        keys.add(key);
                    }
                    return true;
                });
        return keys;
    }

    /** Sequence numbers of all snapshots, ascending. */
    public List<Long> sequenceNrs(String persistenceId) {
        List<Long> found = new ArrayList<>();
        return StoreErrors.reading(
                store.directory(),
                "cannot read snapshots of " + Printable.name(persistenceId),
                () -> {
                    long number = store.persistenceIds().numberOf(persistenceId);
                    store.engine()
                            .scan(
                                    Keys.first(Keys.SNAPSHOT, number),
                                    Keys.above(Keys.SNAPSHOT, number),
                                    (key, value) -> found.add(Keys.longAt(key, 9)));
                    return found;
                });
    }

    /** Deletes all snapshots that match, in one write. */
    public void delete(String persistenceId, BiPredicate<Long, Long> matches) {
        long number = store.persistenceIds().numberOf(persistenceId);
        if (number == 0) {
            return;
        }
        List<Engine.Change> changes = new ArrayList<>();
        EngineView engine = store.engine();
        BiPredicate<byte[], byte[]> collect =
                (key, value) -> {
                    if (matches.test(Keys.longAt(key, 9), Keys.longAt(key, 17))) {
                        changes.add(Engine.Change.delete(key));
                    }
                    return true;
                };
        engine.scan(Keys.first(Keys.SNAPSHOT, number), Keys.above(Keys.SNAPSHOT, number), collect);
        engine.scan(
                Keys.first(Keys.SNAPSHOT_PART, number),
                Keys.above(Keys.SNAPSHOT_PART, number),
                collect);
        if (!changes.isEmpty()) {
            store.requireRoom();
            store.write(changes);
        }
    }

    /**
     * Reads one snapshot with all its parts.
     *
     * @throws FormatException if it can't be read
     */
    public static void check(EngineView engine, byte[] key, byte[] value) {
        read(engine, Keys.longAt(key, 1), key, value);
    }

    private static Stored read(EngineView engine, long number, byte[] key, byte[] value) {
        SnapshotRecord record = SnapshotRecord.decode(key, value);
        Id id = new Id(Keys.longAt(key, 9), Keys.longAt(key, 17));
        byte[] bytes =
                record.parts() > 0
                        ? joined(engine::get, number, id, record)
                        : record.payload().bytes();
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length);
        if (bytes.length != record.lengthBytes() || (int) crc.getValue() != record.checksum()) {
            throw new FormatException("snapshot " + id + " does not match its checksum");
        }
        return new Stored(
                id,
                new Serialized(record.payload().serializerId(), record.payload().manifest(), bytes),
                record.metadata());
    }

    private interface PartReader {
        byte @Nullable [] get(byte[] key);
    }

    /** Memory is taken for what is there, not for what the record claims. */
    private static byte[] joined(PartReader parts, long number, Id id, SnapshotRecord record) {
        List<byte[]> pieces = new ArrayList<>();
        long found = 0;
        for (int part = 0; part < record.parts(); part++) {
            byte[] piece =
                    parts.get(
                            Keys.snapshotPart(number, id.sequenceNr(), id.timestampMillis(), part));
            if (piece == null) {
                throw new FormatException("part " + part + " of snapshot " + id + " is missing");
            }
            pieces.add(piece);
            found += piece.length;
            if (found > record.lengthBytes() || found > LARGEST_ARRAY_BYTES) {
                throw new FormatException(
                        "parts and length of snapshot " + id + " contradict each other");
            }
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) found);
        pieces.forEach(bytes::put);
        return bytes.array();
    }

    private long number(String persistenceId, List<Engine.Change> changes) {
        // Read without the lock.
        store.persistenceIds().get(persistenceId);
        store.lock.lock();
        try {
            PersistenceIdState state = store.persistenceIds().get(persistenceId);
            state.hasNewSnapshot = true;
            if (state.number == 0) {
                store.requireRoom();
                store.persistenceIds().number(state, changes);
                store.write(changes);
                changes.clear();
                store.begun(persistenceId);
            }
            return state.number;
        } catch (RuntimeException | Error e) {
            throw store.failed(e);
        } finally {
            store.lock.unlock();
        }
    }
}
