package io.chainring.persistence.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.store.PassingEngine;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A repair that a power loss cuts short leaves the copy, and what it has made is on stable storage before the old goes. */
final class RepairSyncTest {
    @TempDir Path root;

    private Path journal = Path.of("");

    @BeforeEach
    void fill() {
        journal = root.resolve("journal");
        Store store = Store.open(Stores.settings(journal, "leveldbjni", false));
        Stores.append(store, "p", 1, 1500, "x".repeat(300));
        store.close();
    }

    @Test
    void everyWriteOfTheNewDatabaseIsSynced() throws IOException {
        List<Boolean> syncs = new ArrayList<>();
        Repair repair =
                Repair.of(
                        journal,
                        "leveldbjni",
                        engine ->
                                new PassingEngine(engine) {
                                    @Override
                                    public void write(List<Engine.Change> changes, boolean sync) {
                                        syncs.add(sync);
                                        super.write(changes, sync);
                                    }
                                },
                        CountingChannel::new);
        assertEquals(1500, repair.events());
        assertTrue(syncs.size() >= 3, syncs.toString());
        assertFalse(syncs.contains(false), syncs.toString());
    }

    @Test
    void theCopyIsSyncedBeforeAnythingElseIsTouched() throws IOException {
        TreeSet<String> synced = new TreeSet<>();
        List<String> before = new ArrayList<>();
        Repair repair =
                Repair.of(
                        journal,
                        "leveldbjni",
                        engine -> {
                            before.addAll(synced);
                            return engine;
                        },
                        file ->
                                new CountingChannel(
                                        file, () -> synced.add(file.getFileName().toString())));
        List<String> copied = Directories.names(repair.backup());
        assertTrue(copied.size() > 3, copied.toString());
        assertTrue(before.containsAll(copied), before + " of " + copied);
        assertTrue(before.contains(repair.backup().getFileName().toString()), before.toString());
        assertTrue(before.contains("."), before.toString());
    }

    @Test
    void eachRepairHasACopyOfItsOwn() throws IOException {
        Path first = Repair.of(journal, "leveldbjni").backup();
        Path second = Repair.of(journal, "leveldbjni").backup();
        Path third = Repair.of(journal, "leveldbjni").backup();
        assertNotEquals(first, second);
        assertNotEquals(second, third);
        for (Path backup : List.of(first, second, third)) {
            assertTrue(Files.exists(backup.resolve("CURRENT")), backup.toString());
        }
    }
}
