package io.chainring.persistence.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineOptions;
import io.chainring.persistence.engine.Engines;
import io.chainring.persistence.fault.PassingEngine;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.Records;
import io.chainring.persistence.mend.Mending;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A repair, and what removes deleted events in the background and remembers the end that there was before. */
final class MendedWhileRemovedTest {
    @TempDir Path directory;
    private Store store;

    /** Lets the background have its turn right after a mended counter was stored. */
    private final class BackgroundBetween extends PassingEngine {
        private boolean between;

        BackgroundBetween(Engine engine) {
            super(engine);
        }

        @Override
        public void write(List<Change> changes, boolean sync) {
            super.write(changes, sync);
            if (!between && changes.stream().anyMatch(each -> each.key()[0] == Keys.COUNTER)) {
                between = true;
                store.deletion().removePiece(1_000);
            }
        }
    }

    @Test
    void whatIsMendedStays() {
        store = Store.open(Stores.settings(directory, "leveldbjni", false));
        new StoreInspection(store).standStill();
        Stores.append(store, "p", 1, 600, "t");
        store.deleteTo("p", 300, false);
        store.close();
        try (Engine engine =
                Engines.open(Engines.Kind.LEVELDBJNI, directory, EngineOptions.DEFAULT)) {
            byte[] name = Keys.name("p");
            long number = Records.number(name, Objects.requireNonNull(engine.get(name)));
            engine.write(List.of(Engine.Change.delete(Keys.event(number, 500))), true);
        }
        store =
                Store.open(
                        Stores.settings(directory, "leveldbjni", false, Duration.ZERO, 1000, 0),
                        BackgroundBetween::new);
        // The background removes it a tenth of a second later.
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> store.gauges().deletionBacklogKeys() > 0);
        List<String> lost = new ArrayList<>();
        Mending mending =
                new Mending(
                        new StoreInspection(store),
                        List.of(),
                        null,
                        (id, what) -> lost.add(id + what));
        assertEquals(199, mending.mend("p"));
        assertEquals(1, lost.size(), lost::toString);
        assertEquals(499, store.highestSequenceNr("p"));
        assertEquals(199, Stores.read(store, "p").size());
        assertTrue(store.isOpen());
        store.close();
    }
}
