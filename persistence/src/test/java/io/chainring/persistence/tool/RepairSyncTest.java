package io.chainring.persistence.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.database.RepairFolders;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.fault.PassingEngine;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.Stores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
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

    /** As a kill would: what was made is thrown away, or takes its place when the command is given again. */
    @Test
    void cutShortAtEachSyncItEndsTheSameWhenItIsCalledAgain() throws IOException {
        damage(journal);
        Path whole = root.resolve("whole");
        copy(journal, whole);
        AtomicInteger syncs = new AtomicInteger();
        Repair uncut = repairStoppedAt(whole, Integer.MAX_VALUE, syncs);
        List<String> expected = events(whole);
        assertFalse(expected.isEmpty());
        assertFalse(uncut.lost().isEmpty());
        int refused = 0;
        // At the last one everything is done.
        for (int stop = 1; stop < syncs.get(); stop++) {
            Path each = root.resolve("stopped-" + stop).resolve("whole");
            copy(journal, each);
            int at = stop;
            assertThrows(
                    StoppedException.class,
                    () -> repairStoppedAt(each, at, new AtomicInteger()),
                    "sync " + stop);
            boolean placing = RepairFolders.isCutShort(each);
            if (placing) {
                refused++;
                assertTrue(
                        refusal(() -> Store.open(Stores.settings(each, "leveldbjni", false)))
                                .contains("was cut short"));
                assertTrue(
                        refusal(() -> JournalDirectory.open(each, "auto"))
                                .contains("was cut short"));
            }
            Repair again = Repair.of(each, "leveldbjni");
            assertEquals(uncut.events(), again.events(), "sync " + stop);
            assertEquals(losses(uncut, whole), losses(again, each), "sync " + stop);
            assertEquals(expected, events(each), "sync " + stop);
            assertTrue(Files.exists(again.backup().resolve("CURRENT")), "sync " + stop);
            assertEquals(
                    List.of(),
                    Directories.names(each.resolveSibling(".")).stream()
                            .filter(name -> name.matches("whole\\.(repair|plac).*"))
                            .toList());
        }
        assertTrue(refused >= 3, refused + " stops were behind the commit");
    }

    /** Stands for the end of the process. */
    private static final class StoppedException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static Repair repairStoppedAt(Path directory, int stop, AtomicInteger syncs)
            throws IOException {
        return Repair.of(
                directory,
                "leveldbjni",
                engine -> engine,
                file -> {
                    if (syncs.incrementAndGet() == stop) {
                        throw new StoppedException();
                    }
                    return new CountingChannel(file);
                });
    }

    private static List<String> losses(Repair repair, Path directory) {
        return repair.lost().stream()
                .map(line -> line.replace(directory.toString(), "DIR"))
                .toList();
    }

    private static String refusal(Executable opening) {
        return assertThrows(StoreException.Damaged.class, opening).getMessage();
    }

    private static List<String> events(Path directory) {
        Store store = Store.open(Stores.settings(directory, "leveldbjni", false));
        List<String> events = Stores.read(store, "p");
        store.close();
        return events;
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        for (String name : Directories.names(from)) {
            Files.copy(from.resolve(name), to.resolve(name));
        }
    }

    /** In the middle of its log. */
    private static void damage(Path directory) throws IOException {
        for (String name : Directories.names(directory)) {
            if (name.endsWith(".log")) {
                byte[] bytes = Files.readAllBytes(directory.resolve(name));
                Arrays.fill(bytes, bytes.length / 2, bytes.length / 2 + 100, (byte) 0x55);
                Files.write(directory.resolve(name), bytes);
            }
        }
    }

    /** What somebody wrote meanwhile would be replaced by what was there before. */
    @Test
    void nobodyOpensAJournalThatIsBeingRepaired() throws IOException {
        List<String> opened = new ArrayList<>();
        AtomicInteger syncs = new AtomicInteger();
        Repair.of(
                journal,
                "leveldbjni",
                engine -> engine,
                file -> {
                    if (syncs.incrementAndGet() % 3 == 1) {
                        mustBeLocked(file, opened);
                    }
                    return new CountingChannel(file);
                });
        assertTrue(syncs.get() > 6, syncs + " syncs");
        assertEquals(List.of(), opened);
        Store.open(Stores.settings(journal, "leveldbjni", false)).close();
    }

    private void mustBeLocked(Path file, List<String> opened) {
        try {
            Store.open(Stores.settings(journal, "leveldbjni", false)).close();
            opened.add("here, when " + file + " is synced");
        } catch (StoreException.Locked e) {
            assertTrue(e.getMessage().contains("is in use"), e::toString);
        }
        try {
            int code =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-XX:TieredStopAtLevel=1",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    LockingChild.class.getName(),
                                    journal.resolve("LOCK").toString())
                            .inheritIO()
                            .start()
                            .waitFor();
            if (code != LockingChild.HELD) {
                opened.add("by another process, code " + code + ", when " + file + " is synced");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void nobodyElseMayReadTheCopy() throws IOException {
        Files.setPosixFilePermissions(journal, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path backup = Repair.of(journal, "leveldbjni").backup();
        assertEquals(
                "rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(backup)));
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
