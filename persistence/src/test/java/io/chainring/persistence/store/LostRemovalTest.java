package io.chainring.persistence.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.fault.PassingEngine;
import io.chainring.persistence.format.Keys;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * With fsync off a power loss at the change of a log may take the removal of events, and leave that of later ones of the
 * same persistence id. They are removed all the same, and the actor is forgotten.
 */
final class LostRemovalTest {
    @TempDir Path directory;

    /** Loses the first batch that removes events. */
    private static final class Losing extends PassingEngine {
        private boolean lost;

        Losing(Engine engine) {
            super(engine);
        }

        @Override
        public void write(List<Change> changes, boolean sync) {
            boolean removes =
                    changes.stream()
                            .anyMatch(each -> each.value() == null && each.key()[0] == Keys.EVENT);
            if (removes && !lost) {
                lost = true;
            } else {
                super.write(changes, sync);
            }
        }
    }

    private StoreSettings settings() {
        return Stores.settings(directory, "leveldbjni", false, Duration.ofMillis(1), 100_000, 0);
    }

    private void withLostRemoval(long events, long deleted, String... tags) {
        Store store = Store.open(settings(), Losing::new);
        for (long n = 1; n <= events; n++) {
            store.append(List.of(Stores.event("p", n, "t", tags)), false);
        }
        store.deleteTo("p", deleted, false);
        new StoreInspection(store).finishDeletions();
        assertTrue(Stores.keys(store, Keys.EVENT) > events - deleted, "nothing was lost");
        store.close();
    }

    private void finish() {
        Store store = Store.open(settings());
        new StoreInspection(store).finishDeletions();
        store.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "blue"})
    void emptiedActorIsForgotten(String tag) {
        withLostRemoval(1_500, 1_500, tag.isEmpty() ? new String[0] : new String[] {tag});
        finish();
        finish();
        Store store = Store.open(settings());
        for (byte kind : new byte[] {Keys.NAME, Keys.EVENT, Keys.TAG}) {
            // What the maintenance thread was about to take up is taken up at the next start.
            await("kind " + kind).until(() -> Stores.keys(store, kind) == 0);
        }
        assertEquals(0, store.highestSequenceNr("p"));
        store.close();
    }

    @Test
    void livingActorKeepsItsOwnAndNothingElse() {
        withLostRemoval(1_510, 1_500);
        finish();
        Store store = Store.open(settings());
        assertEquals(10, Stores.keys(store, Keys.EVENT));
        assertEquals(10, Stores.read(store, "p").size());
        assertEquals(1_510, store.highestSequenceNr("p"));
        store.close();
    }

    @Test
    void markDoesNotSpeakOfWhoIsForgotten() {
        Store store = Store.open(settings());
        Stores.append(store, "forgotten", 1, 10, "t");
        store.deleteTo("forgotten", 10, false);
        new StoreInspection(store).finishDeletions();
        store.close();
        finish();
        // Opening compares the mark with what is there.
        store = Store.open(settings());
        assertEquals(List.of(), Stores.read(store, "forgotten"));
        assertEquals(0, Stores.keys(store, Keys.NAME));
        store.close();
    }

    @Test
    void whoeverComesBackMeanwhileIsNotForgotten() {
        Store store = Store.open(settings());
        Stores.append(store, "p", 1, 10, "t");
        store.deleteTo("p", 10, false);
        new StoreInspection(store).finishDeletions();
        store.close();
        boolean[] back = {false};
        Store[] again = new Store[1];
        again[0] =
                Store.open(
                        settings(),
                        library ->
                                new PassingEngine(library) {
                                    @Override
                                    public void scan(
                                            byte[] fromKey,
                                            byte[] toKey,
                                            java.util.function.BiPredicate<byte[], byte[]>
                                                    visitor) {
                                        super.scan(fromKey, toKey, visitor);
                                        // The scan that looks for the names of those found.
                                        boolean names =
                                                Arrays.equals(fromKey, Keys.first(Keys.NAME));
                                        if (names && again[0] != null && !back[0]) {
                                            back[0] = true;
                                            Stores.append(again[0], "p", 11, 12, "back");
                                        }
                                    }
                                });
        new StoreInspection(again[0]).finishDeletions();
        long highest = again[0].highestSequenceNr("p");
        again[0].close();
        Store last = Store.open(settings());
        assertEquals(highest, last.highestSequenceNr("p"));
        assertTrue(!back[0] || highest == 12, "highest " + highest);
        last.close();
    }
}
