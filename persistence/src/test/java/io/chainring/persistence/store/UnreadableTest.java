package io.chainring.persistence.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.fault.PassingEngine;
import io.chainring.persistence.format.Keys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can't be read fails whoever asked for it, and nobody else: no write failed, and nothing is opened again. */
final class UnreadableTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir Path directory;

    private final Set<Predicate<byte[]>> unreadable = ConcurrentHashMap.newKeySet();

    private Store open(boolean fsync) {
        return Store.open(
                Stores.settings(directory, "leveldbjni", fsync),
                engine ->
                        new PassingEngine(engine) {
                            @Override
                            public byte @Nullable [] get(byte[] key) {
                                check(key);
                                return super.get(key);
                            }

                            @Override
                            public void scan(
                                    byte[] fromKey,
                                    byte[] toKey,
                                    BiPredicate<byte[], byte[]> visitor) {
                                super.scan(
                                        fromKey,
                                        toKey,
                                        (key, value) -> {
                                            check(key);
                                            return visitor.test(key, value);
                                        });
                            }
                        });
    }

    private void check(byte[] key) {
        if (unreadable.stream().anyMatch(each -> each.test(key))) {
            throw new EngineException.Read("injected: Corruption: block checksum mismatch", null);
        }
    }

    private static boolean isEvent(byte[] key, long number, long from, long to) {
        return key[0] == Keys.EVENT
                && Keys.longAt(key, 1) == number
                && Keys.longAt(key, 9) >= from
                && Keys.longAt(key, 9) <= to;
    }

    @Test
    void damageAmongDeletedEventsParksThemAndEverybodyElseGoesOn() {
        Store store = open(false);
        for (int n = 1; n <= 300; n++) {
            store.append(
                    List.of(
                            Stores.event("damaged", n, "t", "blue"),
                            Stores.event("other", n, "t", "red")),
                    false);
        }
        long number = store.persistenceIds().numberOf("damaged");
        unreadable.add(key -> isEvent(key, number, 100, 110));
        store.deleteTo("damaged", 290, false);
        store.deleteTo("other", 290, false);
        for (int n = 301; n <= 500; n++) {
            store.append(
                    List.of(Stores.event("other", n, "t"), Stores.event("damaged", n, "t")), false);
        }
        await().atMost(PATIENCE).until(() -> store.gauges().deletionsParked() == 1);
        await().atMost(PATIENCE).until(() -> store.gauges().deletionBacklogKeys() == 0);
        assertEquals(210, Stores.read(store, "other").size());
        assertEquals(210, Stores.read(store, "damaged").size());
        store.deleteTo("damaged", 295, false);
        assertEquals(205, Stores.read(store, "damaged").size());
        assertEquals(0, store.gauges().failures());
        assertEquals(0, store.gauges().deletionBacklogKeys());
        assertTrue(store.isOpen());
        store.close();
        unreadable.clear();
        Store again = open(false);
        await().atMost(PATIENCE)
                .until(() -> left(again, number) == 205 && again.gauges().deletionsParked() == 0);
        again.close();
    }

    private static long left(Store store, long number) {
        List<byte[]> keys = new ArrayList<>();
        store.engine()
                .scan(
                        Keys.first(Keys.EVENT, number),
                        Keys.above(Keys.EVENT, number),
                        (key, value) -> keys.add(key));
        return keys.size();
    }

    /** A batch of several actors: one of them can't be read about. */
    @Test
    void appendThatCannotReadFailsAlone() {
        Store store = open(true);
        Stores.append(store, "damaged", 1, 3, "t");
        long number = store.persistenceIds().numberOf("damaged");
        store.close();
        unreadable.add(key -> isEvent(key, number, 2, 2));
        Store again = open(true);
        AtomicAppend first = Stores.event("a", 1, "t");
        AtomicAppend damaged = Stores.event("damaged", 4, "t");
        AtomicAppend last = Stores.event("b", 1, "t");
        again.append(List.of(first, damaged, last), true);
        assertEquals(null, first.refusal());
        assertEquals(null, last.refusal());
        assertTrue(damaged.refusal() instanceof StoreException.Damaged, "" + damaged.refusal());
        assertEquals(List.of("t"), Stores.read(again, "a"));
        assertEquals(List.of("t"), Stores.read(again, "b"));
        unreadable.clear();
        again.append(List.of(Stores.event("damaged", 4, "t")), true);
        assertEquals(4, Stores.read(again, "damaged").size());
        assertEquals(0, again.gauges().failures());
        again.close();
    }

    /** Each request that reads before it writes. */
    @Test
    void requestsThatCannotReadFailAndNothingIsOpenedAgain() {
        Store store = open(false);
        Stores.append(store, "p", 1, 3, "t");
        store.close();
        unreadable.add(key -> key[0] == Keys.NAME && Keys.textOf(key).equals("p"));
        Store again = open(false);
        SnapshotArea snapshots = new SnapshotArea(again);
        var payload = Stores.event("p", 1, "s").events().get(0).payload();
        List<Runnable> requests =
                List.of(
                        () -> again.deleteTo("p", 2, false),
                        () -> again.highestSequenceNr("p"),
                        () -> Stores.read(again, "p"),
                        () -> snapshots.save("p", new SnapshotArea.Id(1, 1), payload, null),
                        () -> snapshots.delete("p", (sequenceNr, time) -> true));
        for (Runnable request : requests) {
            assertThrows(RuntimeException.class, request::run);
            assertTrue(again.isOpen());
        }
        Stores.append(again, "q", 1, 1, "t");
        assertEquals(0, again.gauges().failures());
        again.close();
    }

    /** Deletions that were left over, where a name between theirs can't be read. */
    @Test
    void leftOverDeletionsAreResumedBehindANameThatCannotBeRead() {
        Store store = open(false);
        unreadable.add(key -> key[0] == Keys.EVENT);
        for (String id : List.of("a1", "b1", "b2", "c1")) {
            store.append(List.of(Stores.event(id, 1, "t", "blue")), false);
            store.append(List.of(Stores.event(id, 2, "t", "blue")), false);
            store.deleteTo(id, 1, false);
        }
        await().atMost(PATIENCE).until(() -> store.gauges().deletionsParked() == 4);
        store.close();
        unreadable.clear();
        unreadable.add(key -> key[0] == Keys.NAME && Keys.textOf(key).equals("b1"));
        Store again = open(false);
        await().atMost(PATIENCE).until(() -> events(again) == 8 - 3);
        assertEquals(0, again.gauges().failures());
        again.close();
    }

    private static long events(Store store) {
        List<byte[]> keys = new ArrayList<>();
        store.engine()
                .scan(
                        Keys.first(Keys.EVENT),
                        Keys.above(Keys.EVENT),
                        (key, value) -> keys.add(key));
        return keys.size();
    }

    /** What is read in the writer's turn. */
    @Test
    void readInTheWritersTurnFailsAlone() {
        Store store = open(true);
        GroupCommit queue = Objects.requireNonNull(store.groupCommit());
        BlockingAnswer answer = new BlockingAnswer();
        queue.afterPending(
                () -> {
                    throw new EngineException.Read("injected", null);
                },
                answer);
        await().atMost(PATIENCE).until(() -> answer.failure instanceof StoreException);
        store.append(List.of(Stores.event("p", 1, "t")), true);
        assertEquals(0, store.gauges().failures());
        store.close();
    }

    private static final class BlockingAnswer implements GroupCommit.Completion {
        private volatile @Nullable RuntimeException failure;

        @Override
        public void completed(@Nullable RuntimeException why) {
            failure = why;
        }
    }
}
