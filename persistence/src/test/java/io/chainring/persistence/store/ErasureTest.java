package io.chainring.persistence.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.store.FaultyEngine.Faults;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is erased leaves nothing behind, whichever of its writes fails, and nobody else is hurt. */
final class ErasureTest {
    private static final int EVENTS = 3000;
    private static final List<Byte> KINDS =
            List.of(Keys.NAME, Keys.COUNTER, Keys.EVENT, Keys.SNAPSHOT, Keys.SNAPSHOT_PART);

    @TempDir Path directory;

    private final Faults faults = new Faults();

    private Store open(boolean fsync) {
        return Store.open(
                Stores.settings(directory, "leveldbjni", fsync, Duration.ofDays(30), 500, 0),
                engine -> new FaultyEngine(engine, faults));
    }

    private static void fill(Store store, String id) {
        Stores.append(store, id, 1, EVENTS, "text");
        SnapshotArea snapshots = new SnapshotArea(store);
        snapshots.save(id, new SnapshotArea.Id(7, 1), bytes(10), null);
        snapshots.save(id, new SnapshotArea.Id(9, 2), bytes(200_000), null);
    }

    private static Serialized bytes(int length) {
        return new Serialized(20, "S", new byte[length]);
    }

    private static List<Long> left(Store store) {
        return KINDS.stream().map(kind -> Stores.keys(store, kind)).toList();
    }

    @ParameterizedTest(name = "fsync {0}")
    @ValueSource(booleans = {false, true})
    void nothingIsLeftWhicheverWriteFails(boolean fsync) {
        Store store = open(fsync);
        fill(store, "other");
        List<Long> others = left(store);
        boolean failed = true;
        for (int write = 1; failed; write++) {
            fill(store, "gone");
            AtomicInteger writes = new AtomicInteger();
            int which = write;
            faults.before = changes -> which % 2 == 0 && writes.incrementAndGet() == which / 2;
            faults.after = changes -> which % 2 == 1 && writes.incrementAndGet() == (which + 1) / 2;
            int before = faults.failedWrites.get();
            try {
                new Erasure(store).erase(List.of("gone", "never-there"));
            } catch (StoreException.Unavailable e) {
                assertTrue(faults.failedWrites.get() > before, e::toString);
            }
            faults.none();
            failed = faults.failedWrites.get() > before;
            await().until(store::isOpen);
            new Erasure(store).erase(List.of("gone"));
            assertEquals(others, left(store), "write " + write + " failed");
            assertEquals(0, store.highestSequenceNr("gone"));
        }
        assertEquals(EVENTS, Stores.read(store, "other").size());
        store.close();
        Store again = open(fsync);
        assertEquals(others, left(again));
        again.close();
    }
}
