package io.chainring.persistence.store;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordWriter;
import io.chainring.persistence.format.SnapshotRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots of a store.
 *
 * <p>LevelDB lets one writer at a time into its log, so a large snapshot in one piece would hold up the events of a
 * loop. It is written in parts of {@value #PART_BYTES} bytes, each a write of its own, and exists only with its last
 * record, which holds the number, length and checksum of the parts. Snapshots and events share one log: a snapshot
 * that was acknowledged before a deletion is there whenever the deletion is.
 */
public final class SnapshotArea {
    private static final int PART_BYTES = 64 << 10;

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
                    "snapshot of "
                            + persistenceId
                            + " has "
                            + bytes.length
                            + " bytes, max-snapshot-size is "
                            + store.settings().maxSnapshotBytes());
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
            write(
                    List.of(
                            Engine.Change.put(
                                    Keys.snapshotPart(
                                            number, id.sequenceNr(), id.timestampMillis(), part),
                                    piece)),
                    false);
        }
        byte[] key = Keys.snapshot(number, id.sequenceNr(), id.timestampMillis());
        Serialized inline =
                parts == 0
                        ? payload
                        : new Serialized(payload.serializerId(), payload.manifest(), new byte[0]);
        SnapshotRecord record =
                new SnapshotRecord(inline, parts, bytes.length, (int) crc.getValue(), metadata);
        changes.add(Engine.Change.put(key, record.encode(new RecordWriter(), key)));
        write(changes, store.settings().fsync());
    }

    /**
     * Reads the youngest snapshot that matches: highest sequence number, then latest time.
     *
     * @throws StoreException.Damaged if it is damaged
     */
    public @Nullable Stored loadYoungest(String persistenceId, BiPredicate<Long, Long> matches) {
        return StoreErrors.reading(
                store.directory(),
                "cannot read snapshot of " + persistenceId,
                () -> load(persistenceId, matches));
    }

    private @Nullable Stored load(String persistenceId, BiPredicate<Long, Long> matches) {
        long number = store.persistenceIds().numberOf(persistenceId);
        if (number == 0) {
            return null;
        }
        byte[][] found = new byte[2][];
        Engine engine = store.engine();
        engine.scan(
                Keys.first(Keys.SNAPSHOT, number),
                Keys.above(Keys.SNAPSHOT, number),
                (key, value) -> {
                    if (matches.test(Keys.longAt(key, 9), Keys.longAt(key, 17))) {
                        found[0] = key;
                        found[1] = value;
                    }
                    return true;
                });
        return found[0] == null ? null : read(engine, number, found[0], found[1]);
    }

    /** Sequence numbers of all snapshots, ascending. */
    public List<Long> sequenceNrs(String persistenceId) {
        List<Long> found = new ArrayList<>();
        return StoreErrors.reading(
                store.directory(),
                "cannot read snapshots of " + persistenceId,
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
        Engine engine = store.engine();
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
            write(changes, store.settings().fsync());
        }
    }

    private static Stored read(Engine engine, long number, byte[] key, byte[] value) {
        SnapshotRecord record = SnapshotRecord.decode(key, value);
        Id id = new Id(Keys.longAt(key, 9), Keys.longAt(key, 17));
        byte[] bytes = record.payload().bytes();
        if (record.parts() > 0) {
            if (record.lengthBytes() > (long) record.parts() * PART_BYTES) {
                throw new FormatException(
                        "parts and length of snapshot " + id + " contradict each other");
            }
            bytes = new byte[(int) record.lengthBytes()];
            int at = 0;
            for (int part = 0; part < record.parts(); part++) {
                byte[] piece =
                        engine.get(
                                Keys.snapshotPart(
                                        number, id.sequenceNr(), id.timestampMillis(), part));
                if (piece == null || piece.length > bytes.length - at) {
                    throw new FormatException(
                            "part " + part + " of snapshot " + id + " is missing");
                }
                System.arraycopy(piece, 0, bytes, at, piece.length);
                at += piece.length;
            }
        }
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

    private long number(String persistenceId, List<Engine.Change> changes) {
        long known = store.persistenceIds().numberOf(persistenceId);
        if (known != 0) {
            return known;
        }
        store.lock.lock();
        try {
            PersistenceIdState state = store.persistenceIds().get(persistenceId);
            if (state.number == 0) {
                store.persistenceIds().number(state, changes);
                store.engine().write(changes, store.settings().fsync());
                changes.clear();
            }
            return state.number;
        } catch (EngineException e) {
            throw store.failed(e);
        } finally {
            store.lock.unlock();
        }
    }

    private void write(List<Engine.Change> changes, boolean sync) {
        try {
            store.engine().write(changes, sync);
        } catch (EngineException e) {
            throw store.failed(e);
        }
    }
}
