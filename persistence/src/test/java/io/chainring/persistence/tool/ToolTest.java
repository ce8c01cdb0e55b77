package io.chainring.persistence.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertLinesMatch;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineOptions;
import io.chainring.persistence.engine.Engines;
import io.chainring.persistence.engine.TableCheck;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.Records;
import io.chainring.persistence.store.SnapshotArea;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.Stores;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the journal tools say about a directory, whole and damaged. */
final class ToolTest {
    /** The text of an event of disk-a by which its place in a table is found. */
    private static final String MARK = "here-it-will-be-damaged";

    private static final long MARKED = 1000;

    /** Events of disk-a that fit into a block of a table: one has some 370 bytes. */
    private static final long IN_A_BLOCK = 12;

    @TempDir Path root;

    private Path filled() {
        return filled(500);
    }

    /** Deleted events may still be in a table, where damage hurts nobody: a test of damage deletes none. */
    private Path filled(long deleteTo) {
        Path directory = root.resolve("journal");
        Store store = Store.open(Stores.settings(directory, "leveldbjni", false));
        Stores.append(store, "disk-a", 1, MARKED - 1, "x".repeat(300));
        Stores.append(store, "disk-a", MARKED, MARKED, MARK);
        Stores.append(store, "disk-a", MARKED + 1, 2000, "x".repeat(300));
        Stores.append(store, "disk-b", 1, 3, "y");
        store.deleteTo("disk-a", deleteTo, false);
        store.close();
        return directory;
    }

    @Test
    void listsAndFinds() {
        try (JournalDirectory journal = JournalDirectory.open(filled(), "auto")) {
            List<JournalDirectory.Entry> entries = new ArrayList<>();
            journal.list(entries::add);
            assertEquals(
                    List.of(
                            new JournalDirectory.Entry("disk-a", 2000, 500, List.of()),
                            new JournalDirectory.Entry("disk-b", 3, 0, List.of())),
                    entries);
            assertEquals(1500, entries.get(0).events());
            assertEquals(null, journal.find("disk-c"));
        }
    }

    @Test
    void exportsJsonLines() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JournalDirectory journal = JournalDirectory.open(filled(), "auto")) {
            assertEquals(1503, JsonExport.all(journal, out));
        }
        String[] lines = out.toString(StandardCharsets.UTF_8).split("\n");
        assertEquals(1503, lines.length);
        JsonNode last = new ObjectMapper().readTree(lines[1502]);
        assertEquals("disk-b", last.get("persistenceId").asText());
        assertEquals(3, last.get("sequenceNr").asLong());
        assertEquals("y", new String(last.get("payload").binaryValue(), StandardCharsets.UTF_8));
    }

    @Test
    void verifiesTheWholeAndNamesTheDamage() throws IOException {
        Path directory = filled();
        Verification good = Verification.of(directory, "auto");
        assertEquals(new Verification(2, 1503, List.of()), good);
        Place damaged = damageMark(directory);
        Verification bad = Verification.of(directory, "auto");
        // Disk-b is read all the same, and of disk-a what is before the damaged block.
        long read = bad.events() - 3;
        assertTrue(read < MARKED - 500 && read >= MARKED - 500 - IN_A_BLOCK, read + " events");
        assertEquals(2, bad.persistenceIds());
        List<String> problems = bad.problems();
        String block = damaged.table() + ": damaged in the block at byte " + damaged.blockAt();
        assertTrue(problems.contains(block), problems::toString);
        String whose = directory + ": cannot read events of disk-a: ";
        assertEquals(1, problems.stream().filter(each -> each.startsWith(whose)).count());
        assertTrue(problems.stream().noneMatch(each -> each.contains("disk-b")), "" + problems);
    }

    @Test
    void repairKeepsAPrefixAndSaysWhatIsLost() throws IOException {
        Path directory = filled(0);
        Place damaged = damageMark(directory);
        Repair repair = Repair.of(directory, "auto");
        assertTrue(Files.isDirectory(repair.backup()));
        long kept = repair.events() - 3;
        assertTrue(kept < MARKED && kept >= MARKED - IN_A_BLOCK, kept + " events");
        assertEquals(2, repair.persistenceIds());
        assertEquals(2, repair.losses().size(), repair.lost()::toString);
        Repair.Loss place = repair.losses().get(0);
        assertEquals(null, place.persistenceId());
        String where = damaged.table().getFileName() + ", byte " + damaged.blockAt() + ":";
        assertTrue(place.what().contains(where), place.what());
        Repair.Loss events = repair.losses().get(1);
        assertEquals("disk-a", events.persistenceId());
        String which = "events " + (kept + 1) + " to 2000 ";
        assertTrue(events.what().startsWith(which), events.what());
        assertEquals(
                new Verification(2, repair.events(), List.of()),
                Verification.of(directory, "auto"));
        try (JournalDirectory journal = JournalDirectory.open(directory, "auto")) {
            assertEquals(
                    new JournalDirectory.Entry("disk-a", kept, 0, List.of()),
                    journal.find("disk-a"));
            assertEquals(
                    new JournalDirectory.Entry("disk-b", 3, 0, List.of()), journal.find("disk-b"));
        }
    }

    @Test
    void repairOfAWholeDirectoryLosesNothing() throws IOException {
        Path directory = filled();
        Repair repair = Repair.of(directory, "auto");
        assertEquals(List.of(), repair.lost());
        assertEquals(1503, repair.events());
        assertEquals(new Verification(2, 1503, List.of()), Verification.of(directory, "auto"));
    }

    /** Whoever deleted its events begins with its snapshot; where that cannot be read, nothing else may look whole. */
    @Test
    void repairNamesWhoseDeletedEventsNoSnapshotMakesUpFor() throws IOException {
        Path directory = filled();
        Store store = Store.open(Stores.settings(directory, "leveldbjni", false));
        SnapshotArea snapshots = new SnapshotArea(store);
        Serialized large = new Serialized(7, "s", new byte[200_000]);
        snapshots.save("disk-b", new SnapshotArea.Id(3, 1), large, null);
        store.deleteTo("disk-b", 3, false);
        store.close();
        try (Engine engine =
                Engines.open(Engines.Kind.LEVELDBJNI, directory, EngineOptions.DEFAULT)) {
            long number = Records.number(Keys.name("disk-b"), value(engine, "disk-b"));
            byte[] part = Keys.snapshotPart(number, 3, 1, 1);
            assertNotNull(engine.get(part));
            engine.write(List.of(Engine.Change.delete(part)), true);
        }
        List<String> lost = Repair.of(directory, "auto").lost();
        assertEquals(2, lost.size(), lost::toString);
        assertTrue(lost.get(0).startsWith("disk-b: its snapshot at 3 can't be read; it stays"));
        assertTrue(lost.get(1).startsWith("disk-a: events up to 500 are deleted and no snapshot"));
    }

    private static byte[] value(Engine engine, String persistenceId) {
        return Objects.requireNonNull(engine.get(Keys.name(persistenceId)));
    }

    /** What LevelDB takes for left-overs when the end of its MANIFEST is lost are the tables that this end names. */
    @Test
    void repairLosesNothingWhereTheEndOfTheManifestIsLost() throws IOException {
        Path directory = filled(0);
        cutManifest(directory);
        List<String> problems = Verification.of(directory, "auto").problems();
        assertEquals(2, problems.size(), problems::toString);
        assertTrue(problems.get(0).matches(".*/[0-9]+\\.log: damaged at byte 0, .*"));
        assertTrue(problems.get(1).matches(".* the end of MANIFEST-[0-9]+ is lost; .*"));
        assertEquals(2003, Repair.of(directory, "auto").events());
        assertEquals(List.of(), Verification.of(directory, "auto").problems());
    }

    @Test
    void repairNeedsNoRecordOfTheFormat() throws IOException {
        Path directory = filled(0);
        try (Engine engine =
                Engines.open(Engines.Kind.LEVELDBJNI, directory, EngineOptions.DEFAULT)) {
            engine.write(List.of(Engine.Change.delete(Keys.meta(Records.FORMAT))), true);
        }
        // It must not open, or this would be somebody else's database.
        Files.delete(directory.resolve("CURRENT"));
        assertEquals(2003, Repair.of(directory, "auto").events());
        assertEquals(List.of(), Verification.of(directory, "auto").problems());
    }

    /** The record of the format is the first one of all, in a block with the first names. */
    @Test
    void repairOfADamagedFirstBlockSaysWhatIsLostAndOpensAgain() throws IOException {
        Path directory = filled(0);
        byte[] format = Records.FORMAT.getBytes(StandardCharsets.UTF_8);
        for (String name : Directories.names(directory)) {
            byte[] bytes = Files.readAllBytes(directory.resolve(name));
            int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(Records.FORMAT);
            if (name.endsWith(".sst") && at >= 0) {
                bytes[at + format.length / 2] ^= 0x55;
                Files.write(directory.resolve(name), bytes);
            }
        }
        Repair repair = Repair.of(directory, "auto");
        assertEquals(2, repair.persistenceIds());
        // Disk-b has all it had; of the other one, whose events begin in that block, the first
        // are taken for deleted.
        long first = 2000 - (repair.events() - 3) + 1;
        assertTrue(first > 1 && first <= IN_A_BLOCK + 1, "from " + first);
        String nameless = "name-lost-by-damage-1: ";
        List<String> expected =
                List.of(
                        "file [0-9]+\\.sst, byte 0: names of persistence ids are lost.*",
                        nameless + "its name is lost.*",
                        "disk-b: its counters are lost.* events 1 to 3",
                        nameless + "its counters are lost.* events " + first + " to 2000",
                        "it did not open: " + directory + ".*",
                        nameless + "events up to " + (first - 1) + " are deleted.*");
        assertLinesMatch(expected, repair.lost());
        assertEquals(List.of(), Verification.of(directory, "auto").problems());
    }

    @Test
    void repairTouchesNothingOfOthers() throws IOException {
        Path letters = Files.createDirectories(root.resolve("letters"));
        Files.writeString(letters.resolve("letter"), "hello");
        assertThrows(StoreException.NotAJournal.class, () -> Repair.of(letters, "auto"));
        assertThrows(StoreException.NotAJournal.class, () -> Verification.of(letters, "auto"));
        assertThrows(
                StoreException.NotAJournal.class, () -> JournalDirectory.open(letters, "auto"));
        assertEquals(List.of("letter"), Directories.names(letters));

        Path journal = filled();
        Files.writeString(journal.resolve("letter"), "hello");
        Repair.of(journal, "auto");
        assertEquals("hello", Files.readString(journal.resolve("letter")));
    }

    @Test
    void repairTouchesNoDatabaseOfOthers() throws IOException {
        byte[] key = {0, 0, 0, 7};
        Path stock = Files.createDirectories(root.resolve("stock"));
        try (Engine engine = Engines.open(Engines.Kind.LEVELDBJNI, stock, EngineOptions.DEFAULT)) {
            engine.put(key, new byte[] {1}, true);
        }
        assertThrows(StoreException.NotAJournal.class, () -> Repair.of(stock, "auto"));
        assertEquals(List.of("stock"), Directories.names(root));
        Files.delete(stock.resolve("CURRENT"));
        List<String> before = Directories.names(stock);
        assertThrows(StoreException.NotAJournal.class, () -> Repair.of(stock, "auto"));
        assertEquals(before, Directories.names(stock));
        assertEquals(List.of("stock"), Directories.names(root));
        assertThrows(
                StoreException.NotAJournal.class,
                () -> StockImport.of(filled(), root.resolve("new"), "auto"));
        assertFalse(Files.exists(root.resolve("new")));
    }

    @Test
    void repairOfAnOpenDirectoryCopiesNothing() {
        Path directory = filled();
        try (JournalDirectory open = JournalDirectory.open(directory, "auto")) {
            assertThrows(StoreException.Locked.class, () -> Repair.of(directory, "auto"));
            assertEquals(List.of("journal"), Directories.names(root));
            assertTrue(open.store().isOpen());
        }
    }

    @Test
    void verifyNamesTheDamagedTable() throws IOException {
        Path directory = filled(0);
        List<Path> tables = tables(directory);
        for (Path table : tables) {
            assertEquals(-1, TableCheck.firstDamage(table));
        }
        Path table = tables.get(0);
        byte[] whole = Files.readAllBytes(table);
        Random random = new Random(7);
        for (int at : new int[] {0, whole.length / 2, whole.length - 60, whole.length - 1}) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x55;
            Files.write(table, damaged);
            long found = TableCheck.firstDamage(table);
            assertTrue(found >= 0 && found <= at, at + ": " + found);
            Files.write(table, Arrays.copyOf(whole, at));
            assertTrue(TableCheck.firstDamage(table) >= 0);
            random.nextBytes(damaged);
            Files.write(table, damaged);
            assertTrue(TableCheck.firstDamage(table) >= 0);
        }
        List<String> problems = Verification.of(directory, "auto").problems();
        // Beside it there may be a table that a library began while it looked, and could not
        // finish.
        String named = table + ": damaged in the block at byte ";
        assertTrue(problems.stream().anyMatch(each -> each.startsWith(named)), problems.toString());
    }

    static List<Path> tables(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(f -> f.toString().endsWith(".sst")).sorted().toList();
        }
    }

    @Test
    void tablesThatCannotBeReadAreDamageWithAWayOut() throws IOException {
        Path directory = filled(0);
        for (Path table : tables(directory)) {
            Files.write(table, new byte[(int) Files.size(table)]);
        }
        List<String> problems = Verification.of(directory, "auto").problems();
        assertTrue(problems.get(0).contains("journal repair"), problems.toString());
    }

    /** As in a read-only directory; that is no damage. */
    @Test
    void lockThatCannotBeTakenIsNoDamage() throws IOException {
        Path directory = filled();
        Files.delete(directory.resolve("LOCK"));
        Files.createDirectory(directory.resolve("LOCK"));
        StoreException error =
                assertThrows(
                        StoreException.Unavailable.class, () -> Verification.of(directory, "auto"));
        assertTrue(String.valueOf(error.getMessage()).contains("must be writable"));
    }

    @Test
    void compactionMakesItSmaller() {
        Path directory = filled();
        try (JournalDirectory journal = JournalDirectory.open(directory, "auto")) {
            long[] bytes = journal.compact();
            assertTrue(bytes[1] < bytes[0], bytes[0] + " -> " + bytes[1]);
        }
    }

    @Test
    void missingDirectoryIsOneLine() {
        Path nowhere = root.resolve("nowhere");
        StoreException error =
                assertThrows(StoreException.class, () -> JournalDirectory.open(nowhere, "auto"));
        assertTrue(String.valueOf(error.getMessage()).startsWith(nowhere.toString()));
        assertFalse(Files.exists(nowhere));
    }

    /** Half of its records: what is left is a whole MANIFEST, of an earlier time. */
    private static void cutManifest(Path directory) throws IOException {
        Path manifest = directory.resolve(Files.readString(directory.resolve("CURRENT")).strip());
        ByteBuffer bytes =
                ByteBuffer.wrap(Files.readAllBytes(manifest)).order(ByteOrder.LITTLE_ENDIAN);
        int at = 0;
        while (at < bytes.capacity() / 2) {
            at += 7 + (bytes.getShort(at + 4) & 0xFFFF);
        }
        Files.write(manifest, Arrays.copyOf(bytes.array(), at));
    }

    /** What is damaged: a table, and where its damaged block begins. */
    private record Place(Path table, long blockAt) {}

    /** Damages the block of a marked event in the one table that has it. */
    private static Place damageMark(Path directory) throws IOException {
        Promised.compact(directory, "leveldbjni");
        List<Place> damaged = new ArrayList<>();
        for (Path table : tables(directory)) {
            byte[] bytes = Files.readAllBytes(table);
            int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(MARK);
            if (at >= 0) {
                bytes[at] ^= 0x55;
                Files.write(table, bytes);
                long blockAt = TableCheck.firstDamage(table);
                assertTrue(blockAt <= at && blockAt > at - 5000, at + " in " + blockAt);
                damaged.add(new Place(table, blockAt));
            }
        }
        assertEquals(1, damaged.size());
        return damaged.get(0);
    }
}
