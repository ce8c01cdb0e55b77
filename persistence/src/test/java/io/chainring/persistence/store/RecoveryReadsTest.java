package io.chainring.persistence.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.fault.PassingEngine;
import io.chainring.persistence.format.EventRecord.Serialized;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a recovery behind a snapshot reads depends on what came after the snapshot, not on the past before it. */
final class RecoveryReadsTest {
    private static final int AFTER_SNAPSHOT = 50;

    /** Every 128th event stores the counters: at most so many are looked at to find the highest sequence number. */
    private static final int MOST_FOR_HIGHEST = 128;

    @TempDir Path root;

    /** Counts the records that it gives. */
    private static final class Counting extends PassingEngine {
        private final AtomicLong records;

        Counting(Engine engine, AtomicLong records) {
            super(engine);
            this.records = records;
        }

        @Override
        public byte @Nullable [] get(byte[] key) {
            records.incrementAndGet();
            return super.get(key);
        }

        @Override
        public void scan(byte[] fromKey, byte[] toKey, BiPredicate<byte[], byte[]> visitor) {
            super.scan(
                    fromKey,
                    toKey,
                    (key, value) -> {
                        records.incrementAndGet();
                        return visitor.test(key, value);
                    });
        }
    }

    private void write(StoreSettings settings, int events) {
        Store store = Store.open(settings);
        int batch = 500;
        for (int first = 1; first <= events; first += batch) {
            List<String> texts = new ArrayList<>();
            for (int i = first; i < Math.min(first + batch, events + 1); i++) {
                texts.add("past");
            }
            store.append(List.of(Stores.events("p", first, texts)), false);
        }
        byte[] state = "state".getBytes(StandardCharsets.UTF_8);
        new SnapshotArea(store)
                .save("p", new SnapshotArea.Id(events, 1), new Serialized(20, "S", state), null);
        Stores.append(store, "p", events + 1, events + AFTER_SNAPSHOT, "after");
        store.close();
    }

    /** Records read by: newest snapshot, highest sequence number, events after the snapshot. */
    private long recover(StoreSettings settings, int events) {
        AtomicLong records = new AtomicLong();
        Store store = Store.open(settings, engine -> new Counting(engine, records));
        long opening = records.get();
        assertTrue(opening < 10, opening + " records read at opening");
        records.set(0);
        SnapshotArea.Stored snapshot =
                new SnapshotArea(store).loadYoungest("p", (sequenceNr, time) -> true);
        assertNotNull(snapshot);
        assertEquals(events, snapshot.id().sequenceNr());
        assertEquals(events + AFTER_SNAPSHOT, store.highestSequenceNr("p"));
        List<Long> after = new ArrayList<>();
        store.readEvents("p", events + 1, Long.MAX_VALUE, (n, event) -> after.add(n));
        assertEquals(AFTER_SNAPSHOT, after.size());
        long read = records.get();
        store.close();
        return read;
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "leveldbjni", "iq80"})
    void pastBehindASnapshotIsNotRead(String engine) {
        int most = 4 + AFTER_SNAPSHOT + MOST_FOR_HIGHEST;
        for (int events : new int[] {1_000, 100_000}) {
            StoreSettings settings = Stores.settings(root.resolve("past-" + events), engine, false);
            write(settings, events);
            long read = recover(settings, events);
            assertTrue(read <= most, read + " records read behind " + events + " events");
            assertTrue(read >= AFTER_SNAPSHOT, "counts what it reads");
        }
    }
}
