package io.chainring.persistence.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.fault.PassingEngine;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.format.Keys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is deleted and removed while somebody begins to read it is no damage. */
final class RacingDeletionTest {
    @TempDir Path directory;

    private final Thread test = Thread.currentThread();
    private Store store;

    /** Done once, between what a reader knows and what it finds. */
    private @Nullable Runnable between;

    @BeforeEach
    void open() {
        store =
                Store.open(
                        Stores.settings(
                                directory, "leveldbjni", false, Duration.ofMillis(1), 100_000, 0),
                        Racing::new);
        Stores.append(store, "p", 1, 10, "t");
    }

    @AfterEach
    void close() {
        store.close();
    }

    private final class Racing extends PassingEngine {
        Racing(Engine engine) {
            super(engine);
        }

        @Override
        public void scan(byte[] fromKey, byte[] toKey, BiPredicate<byte[], byte[]> visitor) {
            if (fromKey.length > 0 && fromKey[0] == Keys.EVENT) {
                race();
            }
            super.scan(fromKey, toKey, visitor);
        }

        @Override
        public byte @Nullable [] get(byte[] key) {
            if (key[0] == Keys.SNAPSHOT_PART) {
                race();
            }
            return super.get(key);
        }
    }

    private void race() {
        // The background reads, too.
        Runnable once = Thread.currentThread() == test ? between : null;
        if (once == null) {
            return;
        }
        between = null;
        once.run();
    }

    private void deleteTo(long sequenceNr) {
        store.deleteTo("p", sequenceNr, false);
        while (store.deletion().removePiece(100)) {}
    }

    @Test
    void theRestIsRead() {
        between = () -> deleteTo(4);
        assertEquals(6, Stores.read(store, "p").size());
    }

    @Test
    void nothingIsReadWhereAllIsGone() {
        between = () -> deleteTo(10);
        assertEquals(List.of(), Stores.read(store, "p"));
    }

    @Test
    void nothingIsReadOfWhoIsForgotten() {
        between =
                () -> {
                    deleteTo(10);
                    Leftovers.resume(store);
                    store.lock.lock();
                    try {
                        store.persistenceIds().forgetAll();
                    } finally {
                        store.lock.unlock();
                    }
                };
        assertEquals(List.of(), Stores.read(store, "p"));
    }

    @Test
    void aSnapshotThatIsDeletedMeanwhileIsNone() {
        SnapshotArea snapshots = new SnapshotArea(store);
        snapshots.save(
                "p", new SnapshotArea.Id(8, 1), new Serialized(1, "", new byte[200_000]), null);
        deleteTo(5);
        between = () -> snapshots.delete("p", (sequenceNr, time) -> true);
        assertNull(snapshots.loadYoungest("p", (sequenceNr, time) -> true));
    }
}
