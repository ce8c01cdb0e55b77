package io.chainring.persistence.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.Stores;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names of persistence ids that are lost: what they have is kept under the same name, or under one that says so. */
final class LostNamesTest {
    @TempDir Path root;

    /** Thousands of persistence ids, and one damaged block of their names. */
    @Test
    void damageAmongNamesCostsNoEvents() throws IOException {
        int ids = 3000;
        Path directory = root.resolve("journal");
        Store store = Store.open(Stores.settings(directory, "leveldbjni", false));
        for (int i = 0; i < ids; i++) {
            String id = "disk-%06d".formatted(i);
            store.append(List.of(Stores.events(id, 1, List.of("a", "b"))), false);
        }
        store.close();
        Promised.compact(directory, "leveldbjni");
        damageBlockOfName(directory, 1500);
        Repair repair = Repair.of(directory, "auto");
        assertEquals(ids, repair.persistenceIds());
        assertEquals(2 * ids, repair.events());
        List<String> kept = new ArrayList<>();
        try (JournalDirectory journal = JournalDirectory.open(directory, "auto")) {
            journal.list(entry -> kept.add(entry.persistenceId()));
        }
        long renamed = kept.stream().filter(id -> id.startsWith("name-lost-by-damage-")).count();
        // A block has 4 KiB, a name with its number some 30 bytes.
        assertTrue(renamed > 0 && renamed < 300, renamed + " renamed");
        for (String id : kept) {
            boolean isNamed = repair.lost().stream().anyMatch(line -> line.startsWith(id + ": "));
            assertEquals(id.startsWith("name-lost"), isNamed, id);
        }
        assertEquals(List.of(), Verification.of(directory, "auto").problems());
    }

    /** Where the references of tags tell a lost name, nothing is lost. */
    @Test
    void tagsTellALostName() throws IOException {
        Path directory = root.resolve("journal");
        Store store = Store.open(Stores.settings(directory, "leveldbjni", false));
        for (int i = 0; i < 300; i++) {
            store.append(List.of(Stores.event("disk-%06d".formatted(i), 1, "a", "blue")), false);
        }
        store.close();
        Promised.compact(directory, "leveldbjni");
        damageBlockOfName(directory, 150);
        Repair repair = Repair.of(directory, "auto");
        assertEquals(300, repair.persistenceIds());
        try (JournalDirectory journal = JournalDirectory.open(directory, "auto")) {
            for (int i = 0; i < 300; i++) {
                assertTrue(journal.find("disk-%06d".formatted(i)) != null, "disk " + i);
            }
        }
    }

    /** Keys are cut where they agree with the one before, so it is looked for by its last digits. */
    private static void damageBlockOfName(Path directory, int name) throws IOException {
        int damaged = 0;
        for (Path table : ToolTest.tables(directory)) {
            byte[] bytes = Files.readAllBytes(table);
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            int first = text.indexOf("\u0002disk-000000");
            if (first >= 0) {
                // Some 30 bytes an entry.
                bytes[first + name * 25] ^= 0x55;
                Files.write(table, bytes);
                damaged++;
            }
        }
        assertEquals(1, damaged);
    }
}
