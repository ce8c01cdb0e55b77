package io.chainring.persistence.store;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.HostileBytes;
import io.chainring.base.Seed;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordWriter;
import io.chainring.persistence.format.SnapshotRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A journal whose files, keys or records are not what this program wrote opens, or is refused with one line. */
@Timeout(300)
final class HostileStoreTest {
    private static final int FILE_ROUNDS = 80;
    private static final int ENTRY_ROUNDS = 600;
    private static final SnapshotArea.Id SNAPSHOT = new SnapshotArea.Id(40, 1);

    @TempDir Path root;

    private static Store open(Path directory, String engine) {
        return Store.open(Stores.settings(directory, engine, false));
    }

    private Path filled(String engine) {
        Path directory = root.resolve("journal");
        Store store = open(directory, engine);
        try {
            Stores.append(store, "a", 1, 300, "x".repeat(700));
            for (int n = 1; n <= 40; n++) {
                store.append(List.of(Stores.event("b", n, "text", "red", "blue")), false);
            }
            new SnapshotArea(store)
                    .save("b", SNAPSHOT, new Serialized(20, "S", new byte[150_000]), null);
            store.deleteTo("a", 100, false);
        } finally {
            store.close();
        }
        return directory;
    }

    private static void readAll(Store store) {
        StoreInspection inspection = new StoreInspection(store);
        inspection.readEverything();
        List<String> ids = new ArrayList<>();
        inspection.persistenceIds(null, 100, ids::add);
        for (String id : List.of("a", "b")) {
            store.highestSequenceNr(id);
            Stores.read(store, id);
            inspection.deletedTo(id);
            new SnapshotArea(store).loadYoungest(id, (number, millis) -> true);
            new SnapshotArea(store).sequenceNrs(id);
        }
        new TagReader(store).read("red", 0, 100, (offset, id, number, event) -> {});
    }

    /** @return whether it was refused */
    private static boolean isRefused(String where, Runnable reading) {
        try {
            reading.run();
            return false;
        } catch (StoreException e) {
            String message = String.valueOf(e.getMessage());
            assertFalse(message.chars().anyMatch(Character::isISOControl), message);
            assertTrue(message.length() < 1000, message);
            return true;
        } catch (RuntimeException | Error e) {
            throw new AssertionError(where + ": " + e, e);
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"leveldbjni", "iq80"})
    void aDirectoryWithHostileBytesOpensOrIsRefused(String engine) throws IOException {
        SplittableRandom random = Seed.random(getClass());
        Path good = filled(engine);
        int refused = 0;
        for (int round = 0; round < FILE_ROUNDS; round++) {
            Path copy = root.resolve("copy" + round);
            List<Path> files = copy(good, copy);
            Path file = files.get(random.nextInt(files.size()));
            Files.write(file, HostileBytes.from(Files.readAllBytes(file), random));
            String where = "round " + round + ", " + file.getFileName();
            refused +=
                    isRefused(
                                    where,
                                    () -> {
                                        Store store = open(copy, engine);
                                        try {
                                            readAll(store);
                                        } finally {
                                            store.close();
                                        }
                                    })
                            ? 1
                            : 0;
            delete(copy);
        }
        assertTrue(refused > FILE_ROUNDS / 10, refused + " of " + FILE_ROUNDS + " refused");
    }

    /** Entries that the database itself finds whole: only this program can tell that nobody could have written them. */
    @Test
    void entriesThatNobodyWroteAreReadOrRefused() throws IOException {
        SplittableRandom random = Seed.random(getClass());
        Path directory = filled("iq80");
        List<Engine.Change> entries = new ArrayList<>();
        Store store = open(directory, "iq80");
        try {
            store.engine()
                    .scan(
                            new byte[] {0},
                            new byte[] {-1},
                            (key, value) -> entries.add(Engine.Change.put(key, value)));
            int refused = 0;
            for (int round = 0; round < ENTRY_ROUNDS; round++) {
                Engine.Change entry = entries.get(random.nextInt(entries.size()));
                byte[] value = entry.value() == null ? new byte[0] : entry.value();
                boolean otherKey = random.nextInt(3) == 0;
                byte[] key = otherKey ? HostileBytes.from(entry.key(), random) : entry.key();
                byte[] hostile = otherKey ? value : HostileBytes.from(value, random);
                if (key.length == 0) {
                    continue;
                }
                byte[] record = random.nextInt(4) > 0 ? sealed(key, hostile) : hostile;
                store.write(List.of(Engine.Change.put(key, record)), false);
                refused += isRefused("round " + round, () -> readAll(store)) ? 1 : 0;
                store.write(List.of(Engine.Change.delete(key)), false);
                store.write(entries, false);
                // A counter that nobody wrote is believed for as long as it is remembered.
                new StoreInspection(store).forgetRemembered();
            }
            assertTrue(
                    refused > ENTRY_ROUNDS / 10 && refused < ENTRY_ROUNDS,
                    refused + " of " + ENTRY_ROUNDS + " refused");
        } finally {
            store.close();
        }
    }

    private static byte[] sealed(byte[] key, byte[] record) {
        if (record.length < RecordWriter.HEADER_BYTES) {
            return record;
        }
        RecordWriter writer = new RecordWriter();
        byte[] body = Arrays.copyOfRange(record, RecordWriter.HEADER_BYTES, record.length);
        return writer.begin(record[1]).raw(body).end(key);
    }

    /** The parts that a snapshot claims are looked for before memory is taken for them. */
    @Test
    void aSnapshotThatClaimsMorePartsThanThereAreIsRefused() {
        Path directory = filled("iq80");
        Store store = open(directory, "iq80");
        try {
            // No events that could make up for it.
            store.deleteTo("b", 40, false);
            byte[] key = Keys.snapshot(store.persistenceIds().numberOf("b"), 40, 1);
            for (long lengthBytes : new long[] {0, 150_001, 1L << 31, (1L << 32) - 1, 1L << 45}) {
                SnapshotRecord claims =
                        new SnapshotRecord(
                                new Serialized(20, "S", new byte[0]),
                                Integer.MAX_VALUE,
                                lengthBytes,
                                0,
                                null);
                store.write(
                        List.of(Engine.Change.put(key, claims.encode(new RecordWriter(), key))),
                        false);
                assertTrue(
                        isRefused(
                                lengthBytes + " bytes",
                                () ->
                                        new SnapshotArea(store)
                                                .loadYoungest("b", (number, millis) -> true)));
            }
        } finally {
            store.close();
        }
    }

    private static List<Path> copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        List<Path> copies = new ArrayList<>();
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.sorted().toList()) {
                copies.add(Files.copy(file, to.resolve(file.getFileName())));
            }
        }
        return copies;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
