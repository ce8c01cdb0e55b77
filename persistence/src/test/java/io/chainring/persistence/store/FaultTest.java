package io.chainring.persistence.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.store.FaultyEngine.Faults;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A removal, a forgetting or a read fails: nothing is lost, others go on, and what was to be done is done in the end. */
final class FaultTest {
    private static final int EVENTS = 200;

    @TempDir Path directory;

    private final Faults faults = new Faults();
    private Store store;

    @BeforeEach
    void open() {
        store = Store.open(settings(), engine -> new FaultyEngine(engine, faults));
    }

    @AfterEach
    void close() {
        faults.none();
        store.close();
    }

    private StoreSettings settings() {
        return Stores.settings(directory, "leveldbjni", false, Duration.ofMillis(1), 500, 0);
    }

    private static boolean removes(List<Engine.Change> changes, byte kind) {
        return changes.stream().anyMatch(each -> each.value() == null && each.key()[0] == kind);
    }

    private static <T> Predicate<T> once(Predicate<T> condition) {
        AtomicBoolean done = new AtomicBoolean();
        return each -> condition.test(each) && done.compareAndSet(false, true);
    }

    private void fail(boolean stored, Predicate<List<Engine.Change>> writes) {
        if (stored) {
            faults.after = once(writes);
        } else {
            faults.before = once(writes);
        }
    }

    /** A write has failed, the store has noticed, and is open again. */
    private void awaitOneFailure() {
        await().until(() -> faults.failedWrites.get() == 1 && store.gauges().failures() == 1);
        await().until(store::isOpen);
    }

    /** The batch that removes deleted events. */
    @ParameterizedTest(name = "stored {0}, tagged {1}")
    @CsvSource({"false,false", "false,true", "true,false", "true,true"})
    void failedRemovalIsMadeAgainAndTakesNothingElse(boolean stored, boolean tagged) {
        String[] tags = tagged ? new String[] {"blue"} : new String[0];
        for (int n = 1; n <= EVENTS; n++) {
            store.append(
                    List.of(Stores.event("p", n, "p" + n, tags), Stores.event("q", n, "q" + n)),
                    false);
        }
        fail(stored, changes -> removes(changes, Keys.EVENT));
        store.deleteTo("p", EVENTS - 10, false);
        awaitOneFailure();
        assertEquals(10, Stores.read(store, "p").size());
        assertEquals("p" + (EVENTS - 9), Stores.read(store, "p").get(0));
        assertEquals(EVENTS, Stores.read(store, "q").size());
        Stores.append(store, "q", EVENTS + 1, EVENTS + 5, "more");
        Stores.append(store, "p", EVENTS + 1, EVENTS + 5, "more");
        await().until(() -> Stores.keys(store, Keys.EVENT) == EVENTS + 5 + 15);
        assertEquals(tagged ? 10 : 0, Stores.tagged(store, "blue"));
        assertEquals(1, store.gauges().failures());
        assertEquals(0, store.gauges().deletionsParked());
        assertEquals(List.of(), Stores.leftBehind(store));
    }

    /** The batch that removes name and counters of a finished actor. */
    @ParameterizedTest(name = "stored {0}")
    @ValueSource(booleans = {false, true})
    void failedForgettingIsMadeAgainAndTakesNobodyElse(boolean stored) {
        Stores.append(store, "gone", 1, 20, "t");
        Stores.append(store, "there", 1, 20, "t");
        store.deleteTo("gone", 20, false);
        new StoreInspection(store).finishDeletions();
        fail(stored, changes -> removes(changes, Keys.NAME));
        // Finished actors are looked for when a directory is opened.
        store.close();
        open();
        awaitOneFailure();
        await().until(() -> Stores.keys(store, Keys.NAME) == 1);
        assertEquals(20, Stores.read(store, "there").size());
        assertEquals(0, store.highestSequenceNr("gone"));
        Stores.append(store, "gone", 1, 1, "back");
        assertEquals(List.of("back"), Stores.read(store, "gone"));
        assertEquals(21, Stores.keys(store, Keys.EVENT));
    }

    /** What reads records of each kind, of an actor that nobody remembers. */
    private Map<Byte, Runnable> readers() {
        SnapshotArea snapshots = new SnapshotArea(store);
        Runnable youngest = () -> snapshots.loadYoungest("p", (sequenceNr, time) -> true);
        return Map.of(
                Keys.NAME, () -> store.highestSequenceNr("p"),
                Keys.COUNTER, () -> store.highestSequenceNr("p"),
                Keys.EVENT, () -> Stores.read(store, "p"),
                Keys.TAG_NAME, () -> Stores.tagged(store, "blue"),
                Keys.TAG, () -> Stores.tagged(store, "blue"),
                Keys.SNAPSHOT, youngest,
                Keys.SNAPSHOT_PART, youngest);
    }

    @ParameterizedTest
    @ValueSource(bytes = {2, 3, 4, 5, 6, 7, 8})
    void failedReadFailsWhoAskedAndNobodyElse(byte kind) {
        for (int n = 1; n <= 20; n++) {
            store.append(List.of(Stores.event("p", n, "t", "blue")), false);
        }
        Stores.append(store, "q", 1, 20, "t");
        store.deleteTo("p", 2, false);
        new StoreInspection(store).finishDeletions();
        new SnapshotArea(store)
                .save(
                        "p",
                        new SnapshotArea.Id(20, 20),
                        new Serialized(7, "s", new byte[100_000]),
                        null);
        store.close();
        open();
        // What maintenance looks at first is read before anything fails.
        new StoreInspection(store).finishDeletions();
        new StoreInspection(store).forgetRemembered();
        assertEquals(20, store.highestSequenceNr("q"));
        faults.reads = key -> key[0] == kind;
        Runnable reader = readers().getOrDefault(kind, () -> {});
        StoreException.Damaged failed = assertThrows(StoreException.Damaged.class, reader::run);
        assertTrue(String.valueOf(failed.getMessage()).startsWith(directory + ": "));
        Stores.append(store, "q", 21, 22, "t");
        faults.none();
        reader.run();
        assertEquals(18, Stores.read(store, "p").size());
        assertEquals(22, Stores.read(store, "q").size());
        assertEquals(18, Stores.tagged(store, "blue"));
        assertTrue(faults.failedReads.get() > 0);
        assertEquals(0, store.gauges().failures());
        assertTrue(store.isOpen());
        assertEquals(Collections.nCopies(22, "t"), Stores.read(store, "q"));
    }
}
