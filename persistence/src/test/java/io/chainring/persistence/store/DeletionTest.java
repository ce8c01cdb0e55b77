package io.chainring.persistence.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.engine.EngineView;
import io.chainring.persistence.format.Keys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deleted events are gone for readers at once, from the disk piece by piece, and their space is given back. */
final class DeletionTest {
    private static final String TEXT = "y".repeat(500);

    @TempDir Path directory;

    private Store open(Duration forgetAfter) {
        return Store.open(Stores.settings(directory, "leveldbjni", false, forgetAfter, 1000, 0));
    }

    @Test
    void spaceIsGivenBack() {
        Store store = open(Duration.ZERO);
        Stores.append(store, "p", 1, 10_000, TEXT);
        long before = size(directory);
        store.deleteTo("p", 9_990, false);
        assertEquals(10, Stores.read(store, "p").size());
        await().until(() -> Stores.keys(store, Keys.EVENT) == 10);
        await().until(() -> size(directory) < before / 2);
        assertEquals(10_000, store.highestSequenceNr("p"));
        store.close();
    }

    @Test
    void piecesGoAlongWithWrites() {
        Store store = open(Duration.ZERO);
        Stores.append(store, "p", 1, 500, TEXT);
        store.lock.lock();
        try {
            // The background thread cannot remove anything meanwhile: what disappears went along
            // with the writes.
            store.deleteTo("p", 500, false);
            assertEquals(500, store.gauges().deletionBacklogKeys());
            Stores.append(store, "q", 1, 16, TEXT);
            assertEquals(500 - 64, store.gauges().deletionBacklogKeys());
            Stores.append(store, "q", 17, 160, TEXT);
            assertEquals(0, store.gauges().deletionBacklogKeys());
            assertEquals(160, Stores.keys(store, Keys.EVENT));
        } finally {
            store.lock.unlock();
        }
        store.close();
    }

    @Test
    void isFinishedAfterARestart() {
        Store store = open(Duration.ZERO);
        Stores.append(store, "p", 1, 5_000, TEXT);
        store.lock.lock();
        try {
            store.deleteTo("p", 5_000, false);
        } finally {
            store.maintenance().close();
            store.lock.unlock();
        }
        store.close();
        Store again = open(Duration.ZERO);
        assertEquals(List.of(), Stores.read(again, "p"));
        await().until(() -> Stores.keys(again, Keys.EVENT) == 0);
        assertEquals(5_000, again.highestSequenceNr("p"));
        again.close();
    }

    @Test
    void referencesOfTagsAreRemovedToo() {
        Store store = open(Duration.ZERO);
        for (long n = 1; n <= 100; n++) {
            store.append(List.of(Stores.event("p", n, "t", "red", "blue")), false);
        }
        assertEquals(200, Stores.keys(store, Keys.TAG));
        store.deleteTo("p", 90, false);
        await().until(() -> Stores.keys(store, Keys.TAG) == 20);
        assertEquals(10, Stores.keys(store, Keys.EVENT));
        store.close();
    }

    @Test
    void finishedActorsLeaveTheNameTable() {
        Store store = open(Duration.ofMillis(1));
        Stores.append(store, "finished", 1, 10, "t");
        Stores.append(store, "alive", 1, 10, "t");
        store.deleteTo("finished", Long.MAX_VALUE, false);
        await().until(() -> Stores.keys(store, Keys.EVENT) == 10);
        assertEquals(2, Stores.keys(store, Keys.NAME));
        store.close();
        Store again = open(Duration.ofMillis(1));
        await().until(() -> Stores.keys(again, Keys.NAME) == 1);
        assertEquals(10, again.highestSequenceNr("alive"));
        assertEquals(0, again.highestSequenceNr("finished"));
        Stores.append(again, "finished", 1, 3, "new");
        assertEquals(List.of("new", "new", "new"), Stores.read(again, "finished"));
        again.close();
        assertEquals(10, highestAfterReopening("alive"));
    }

    private long highestAfterReopening(String id) {
        Store store = open(Duration.ZERO);
        try {
            return store.highestSequenceNr(id);
        } finally {
            store.close();
        }
    }

    @Test
    void stallOfOneWriteIsAPieceAndNotTheWhole() {
        Store store = open(Duration.ZERO);
        Stores.append(store, "p", 1, 20_000, "t");
        store.deleteTo("p", 20_000, false);
        EngineView engine = store.engine();
        assertTrue(engine.get(Keys.event(1, 20_000)) != null, "nothing is removed inline");
        assertFalse(store.gauges().deletionBacklogKeys() == 0);
        store.close();
    }

    private static long size(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.mapToLong(DeletionTest::sizeOf).sum();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static long sizeOf(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0;
        }
    }
}
