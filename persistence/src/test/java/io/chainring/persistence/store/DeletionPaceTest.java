package io.chainring.persistence.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.format.Keys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What waits for removal does not grow with the number of actors that come and go, and is taken up again in one pass. */
final class DeletionPaceTest {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int EVENTS = 3;

    /** 16 pieces of 64 keys that must be read, and what is deleted until the next piece. */
    private static final long BOUND = 18 * 64;

    @TempDir Path root;

    private CountingEngine engine;

    private Store open(Path directory, boolean forget) {
        Duration after = forget ? Duration.ofMillis(1) : Duration.ZERO;
        return Store.open(
                Stores.settings(directory, "leveldbjni", false, after, 1_000_000, 0),
                library -> {
                    engine = new CountingEngine(library);
                    return engine;
                });
    }

    private static String id(int number) {
        return "short-lived-" + number;
    }

    private static void live(Store store, int number, String... tags) {
        for (long n = 1; n <= EVENTS; n++) {
            store.append(List.of(Stores.event(id(number), n, "t", tags)), false);
        }
    }

    @ParameterizedTest
    @CsvSource({"1000,false", "10000,false", "1000,true", "10000,true"})
    void backlogDoesNotGrowWithTheActorsThatComeAndGo(int actors, boolean tagged) {
        Store store = open(root.resolve("journal"), false);
        String[] tags = tagged ? new String[] {"blue"} : new String[0];
        long most = 0;
        store.lock.lock();
        try {
            // The background can do nothing meanwhile: what keeps up goes along with the writes.
            for (int i = 0; i < actors; i++) {
                live(store, i, tags);
                store.deleteTo(id(i), EVENTS, false);
                most = Math.max(most, store.gauges().deletionBacklogKeys());
            }
        } finally {
            store.lock.unlock();
        }
        System.out.printf(
                "%s actors, tagged %s: at most %s of %s keys wait for removal%n",
                actors, tagged, most, (long) actors * EVENTS);
        assertTrue(most <= BOUND, most + " keys");
        await().atMost(PATIENCE).until(() -> store.gauges().deletionBacklogKeys() == 0);
        assertEquals(0, Stores.keys(store, Keys.EVENT));
        assertEquals(0, Stores.keys(store, Keys.TAG));
        store.close();
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void onePieceIsOfManyActors(boolean tagged) {
        int actors = 3000;
        Store store = open(root.resolve("journal"), false);
        String[] tags = tagged ? new String[] {"blue"} : new String[0];
        long before;
        store.lock.lock();
        try {
            for (int i = 0; i < actors; i++) {
                live(store, i, tags);
            }
            for (int i = 0; i < actors; i++) {
                store.deleteTo(id(i), EVENTS, false);
            }
            before = engine.writes.get();
        } finally {
            store.lock.unlock();
        }
        await().atMost(PATIENCE).until(() -> store.gauges().deletionBacklogKeys() == 0);
        long pieces = engine.writes.get() - before;
        System.out.printf("%s actors, tagged %s: %s pieces%n", actors, tagged, pieces);
        assertTrue(pieces <= actors * EVENTS / 60, pieces + " pieces");
        store.close();
    }

    @ParameterizedTest
    @CsvSource({"300", "3000"})
    void finishedActorsAreFoundWithoutLookingAtEach(int actors) {
        Path directory = root.resolve("journal");
        Store store = open(directory, false);
        for (int i = 0; i < actors; i++) {
            live(store, i);
            store.deleteTo(id(i), EVENTS, false);
        }
        Stores.append(store, "alive", 1, 5, "t");
        await().atMost(PATIENCE).until(() -> store.gauges().deletionBacklogKeys() == 0);
        store.close();
        Store again = open(directory, true);
        new StoreInspection(again).finishDeletions();
        long scans = engine.scans.get();
        long visits = engine.gets.get() + engine.visited.get();
        System.out.printf("%s finished: %s scans, %s keys%n", actors, scans, visits);
        assertEquals(1, Stores.keys(again, Keys.NAME));
        again.close();
        // LevelDB steps over all that was removed between two keys that are there: once, not once
        // an actor.
        assertTrue(scans <= 100, scans + " scans");
        // The opening's own pass may run beside it.
        assertTrue(visits <= 2 * 2 * actors + 200, visits + " keys");
    }

    @ParameterizedTest
    @CsvSource({"300", "3000"})
    void unfinishedDeletionsAreTakenUpInOnePass(int actors) {
        Path directory = root.resolve("journal");
        Store store = open(directory, false);
        // Nobody removes anything.
        store.maintenance().close();
        for (int i = 0; i < actors; i++) {
            live(store, i);
        }
        for (int i = 0; i < actors; i++) {
            store.deleteTo(id(i), EVENTS, false);
        }
        store.close();
        Store again = open(directory, false);
        new StoreInspection(again).finishDeletions();
        long visits = engine.gets.get() + engine.scans.get() + engine.visited.get();
        System.out.printf("%s unfinished: %s visits%n", actors, visits);
        assertEquals(0, Stores.keys(again, Keys.EVENT));
        assertEquals(actors, Stores.keys(again, Keys.NAME));
        again.close();
        // Counters, name, first event, and what is read of each before its removal, by two threads
        // side by side: 14 to 23 an actor were seen.
        assertTrue(visits <= 40L * actors + 200, visits + " visits");
    }
}
