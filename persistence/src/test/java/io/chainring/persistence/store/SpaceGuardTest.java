package io.chainring.persistence.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.database.SpaceGuard;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.format.EventRecord.Serialized;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A directory whose file system is full: every write is refused before anything is touched, and that is no failure. */
final class SpaceGuardTest {
    @TempDir Path directory;

    @Test
    void fullDirectoryRefusesBeforeAnythingIsTouched() throws IOException {
        AtomicLong free = new AtomicLong(1000);
        try (SpaceGuard guard = new SpaceGuard(directory, 500, free::get)) {
            guard.check();
            assertNull(guard.problem());
            free.set(499);
            guard.written(2 << 20);
            StoreException full = assertThrows(StoreException.Unavailable.class, guard::check);
            assertTrue(
                    String.valueOf(full.getMessage())
                            .startsWith(directory + ": the directory is full"));
            assertEquals(full.getMessage(), guard.problem());
            assertThrows(StoreException.Unavailable.class, guard::check);
            free.set(600);
            guard.check();
            assertNull(guard.problem());
        }
    }

    private Store openFull() {
        return Store.open(
                Stores.settings(
                        directory,
                        "leveldbjni",
                        false,
                        java.time.Duration.ZERO,
                        500,
                        Long.MAX_VALUE / 2));
    }

    @Test
    void fullDirectoryIsNoFailureOfTheStore() {
        Store store = openFull();
        assertThrows(StoreException.Unavailable.class, () -> Stores.append(store, "p", 1, 1, "t"));
        assertTrue(store.isOpen());
        assertEquals(0, store.highestSequenceNr("p"));
        store.close();
    }

    @Test
    void everyWriteIsRefusedWhileTheDirectoryIsFullAndReadsAreNot() {
        Store before = Store.open(Stores.settings(directory, "leveldbjni", false));
        Stores.append(before, "p", 1, 3, "t");
        SnapshotArea.Id id = new SnapshotArea.Id(2, 1);
        Serialized payload = new Serialized(1, "", new byte[200_000]);
        new SnapshotArea(before).save("p", id, payload, null);
        before.close();
        Store store = openFull();
        SnapshotArea snapshots = new SnapshotArea(store);
        StoreInspection inspection = new StoreInspection(store);
        List<Executable> writes =
                List.of(
                        () -> Stores.append(store, "p", 4, 4, "t"),
                        () -> store.deleteTo("p", 2, false),
                        () -> snapshots.save("p", new SnapshotArea.Id(3, 1), payload, null),
                        () -> snapshots.save("new", new SnapshotArea.Id(3, 1), payload, null),
                        () -> snapshots.delete("p", (sequenceNr, time) -> true),
                        inspection::compactAll,
                        inspection::rebuildNumbers,
                        () -> inspection.begin("q", 5));
        for (Executable write : writes) {
            StoreException refused = assertThrows(StoreException.Unavailable.class, write);
            assertTrue(String.valueOf(refused.getMessage()).contains("is full"), refused::toString);
            assertTrue(store.isOpen());
        }
        assertTrue(String.valueOf(store.problem()).contains(directory.toString()));
        assertEquals(List.of("t", "t", "t"), Stores.read(store, "p"));
        assertEquals(0, inspection.deletedTo("p"));
        assertEquals(
                200_000,
                Objects.requireNonNull(snapshots.loadYoungest("p", (sequenceNr, time) -> true))
                        .payload()
                        .bytes()
                        .length);
        store.close();
        Store after = Store.open(Stores.settings(directory, "leveldbjni", false));
        assertNull(after.problem());
        after.deleteTo("p", 2, false);
        assertEquals(List.of("t"), Stores.read(after, "p"));
        after.close();
    }
}
