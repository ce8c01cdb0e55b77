package io.chainring.persistence.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineOptions;
import io.chainring.persistence.engine.Engines;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.tool.Repair;
import io.chainring.persistence.tool.Verification;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A query by tag is never silently shorter: an event that is missing is deleted, or damage. */
final class LostTaggedEventTest {
    @TempDir Path root;

    private Path directory;

    @BeforeEach
    void write() {
        directory = root.resolve("journal");
        Store store = open();
        for (long n = 1; n <= 10; n++) {
            store.append(List.of(Stores.event("p", n, "t" + n, "blue")), false);
            store.append(List.of(Stores.event("q", n, "t" + n, "blue")), false);
        }
        store.close();
    }

    private Store open() {
        return Store.open(
                Stores.settings(directory, "leveldbjni", false, Duration.ofMillis(1), 100_000, 0));
    }

    private void raw(Consumer<Engine> work) {
        try (Engine engine =
                Engines.open(Engines.choose("leveldbjni", ""), directory, EngineOptions.DEFAULT)) {
            work.accept(engine);
        }
    }

    private static List<String> tagged(Store store) {
        List<String> found = new ArrayList<>();
        new TagReader(store)
                .read(
                        "blue",
                        0,
                        100,
                        (offset, id, sequenceNr, event) -> found.add(id + sequenceNr));
        return found;
    }

    @Test
    void missingEventIsDamageWithAWayOut() throws IOException {
        raw(engine -> engine.write(List.of(Engine.Change.delete(Keys.event(1, 7))), true));
        Store store = open();
        StoreException.Damaged damaged =
                assertThrows(StoreException.Damaged.class, () -> tagged(store));
        String said = String.valueOf(damaged.getMessage());
        assertTrue(said.contains("event 7 of p is missing"), said);
        assertTrue(said.contains("chainring journal repair"), said);
        store.close();

        List<String> problems = Verification.of(directory, "leveldbjni").problems();
        assertTrue(
                problems.contains("event 7 of p is missing, a tag refers to it"),
                problems.toString());
        Repair.of(directory, "leveldbjni");
        assertEquals(List.of(), Verification.of(directory, "leveldbjni").problems());
        Store repaired = open();
        assertEquals(16, tagged(repaired).size());
        // The numbers of what was lost are given again; the index must not take those for it.
        repaired.append(List.of(Stores.event("p", 7, "new")), false);
        repaired.append(List.of(Stores.event("p", 8, "new", "blue")), false);
        List<String> after = tagged(repaired);
        assertEquals(17, after.size());
        assertEquals("p8", after.get(16));
        repaired.close();
    }

    @Test
    void anotherEventUnderTheNumberOfALostOneIsNotTakenForIt() {
        raw(engine -> engine.write(List.of(Engine.Change.delete(Keys.event(1, 10))), true));
        Store store = open();
        // The mark is about q; p seems to end with 9.
        store.append(List.of(Stores.event("p", 10, "another")), false);
        assertThrows(StoreException.Damaged.class, () -> tagged(store));
        store.close();
    }

    @Test
    void missingEventThatIsDeletedIsNotMissed() {
        Store store = open();
        store.deleteTo("p", 7, false);
        new StoreInspection(store).finishDeletions();
        store.close();
        raw(engine -> engine.write(List.of(Engine.Change.delete(Keys.event(1, 8))), true));
        Store damaged = open();
        assertThrows(StoreException.Damaged.class, () -> tagged(damaged));
        damaged.deleteTo("p", 8, false);
        assertEquals(12, tagged(damaged).size());
        damaged.close();
    }
}
