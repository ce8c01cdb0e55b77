package io.chainring.persistence.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineOptions;
import io.chainring.persistence.engine.Engines;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.store.SnapshotArea;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.Stores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events are lost, and a snapshot that was made after them is not. */
final class GapBelowSnapshotTest {
    private static final String ENGINE = "leveldbjni";

    @TempDir Path root;

    private Path journal = Path.of("");

    @BeforeEach
    void fill() {
        journal = root.resolve("journal");
        Store store = Store.open(Stores.settings(journal, ENGINE, false));
        Stores.append(store, "p", 1, 60, "x");
        new SnapshotArea(store)
                .save(
                        "p",
                        new SnapshotArea.Id(40, 1),
                        new Serialized(1, "", new byte[200_000]),
                        null);
        store.close();
    }

    private void lose(LongPredicate events) {
        try (Engine raw =
                Engines.open(Engines.choose(ENGINE, ""), journal, EngineOptions.DEFAULT)) {
            for (long n = 1; n <= 60; n++) {
                if (events.test(n)) {
                    raw.write(List.of(Engine.Change.delete(Keys.event(1, n))), true);
                }
            }
        }
    }

    private void isLeftBy(List<String> lost, long first, long last) throws IOException {
        assertEquals(
                lost,
                Repair.of(journal, ENGINE).lost().stream()
                        .filter(line -> !line.startsWith("it did not open"))
                        .toList());
        Store store = Store.open(Stores.settings(journal, ENGINE, false));
        assertEquals(Math.max(0, last - first + 1), Stores.read(store, "p").size());
        assertEquals(last, store.highestSequenceNr("p"));
        SnapshotArea.Stored snapshot = new SnapshotArea(store).loadYoungest("p", (n, time) -> true);
        assertNotNull(snapshot);
        assertEquals(40, snapshot.id().sequenceNr());
        Stores.append(store, "p", last + 1, last + 1, "x");
        store.close();
        assertEquals(List.of(), Verification.of(journal, ENGINE).problems());
    }

    @Test
    void theSnapshotAndWhatFollowsItAreKept() throws IOException {
        lose(n -> n == 30);
        isLeftBy(
                List.of(
                        "p: events 1 to 40 are lost or go with a lost one: the snapshot at 40 stands for all up to it"),
                41,
                60);
    }

    @Test
    void anotherGapBehindItEndsWhatIsKept() throws IOException {
        lose(n -> n == 30 || n == 50);
        isLeftBy(
                List.of(
                        "p: events 1 to 40 are lost or go with a lost one: the snapshot at 40 stands for all up to it",
                        "p: events 50 to 60 are lost or follow a lost one"),
                41,
                49);
    }

    @Test
    void withoutAnyEventBehindItTheSnapshotIsWhatThereIs() throws IOException {
        lose(n -> n >= 30);
        isLeftBy(
                List.of(
                        "p: events 1 to 40 are lost or go with a lost one: the snapshot at 40 stands for all up to it",
                        "p: events 41 to 60 are lost or follow a lost one"),
                41,
                40);
    }

    @Test
    void aGapBehindTheSnapshotCostsWhatFollowsIt() throws IOException {
        lose(n -> n == 50);
        isLeftBy(List.of("p: events 50 to 60 are lost or follow a lost one"), 1, 49);
    }
}
