package io.chainring.persistence.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.format.Keys;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Places of events in the tag index. */
final class TagIndexTest {
    @TempDir Path directory;

    private static List<String> tagged(Store store, String tag) {
        List<String> found = new ArrayList<>();
        new TagReader(store)
                .read(
                        tag,
                        0,
                        100,
                        (offset, id, sequenceNr, event) ->
                                found.add(offset + " " + id + sequenceNr));
        return found;
    }

    @Test
    void refusedAppendTakesNoPlaceFromOthersOfItsBatch() {
        Engine[] engine = new Engine[1];
        StoreSettings settings = Stores.settings(directory, "leveldbjni", false);
        Store store =
                Store.open(
                        settings,
                        library -> {
                            engine[0] = library;
                            return library;
                        });
        engine[0].put(Keys.tagName("damaged"), new byte[] {1, 2, 3}, false);
        store.append(List.of(Stores.event("p", 1, "t", "old")), false);
        AtomicAppend refused = Stores.event("r", 1, "t", "old", "new", "fresh", "damaged");
        List<AtomicAppend> batch =
                List.of(
                        Stores.event("p", 2, "t", "old", "new"),
                        refused,
                        Stores.event("q", 1, "t", "old", "new", "fresh"));
        store.append(batch, false);
        assertNotNull(refused.refusal());
        assertNull(batch.get(0).refusal());
        assertNull(batch.get(2).refusal());
        store.close();

        store = Store.open(settings);
        assertEquals(List.of("1 p1", "2 p2", "3 q1"), tagged(store, "old"));
        assertEquals(List.of("1 p2", "2 q1"), tagged(store, "new"));
        assertEquals(List.of("1 q1"), tagged(store, "fresh"));
        assertEquals(0, store.highestSequenceNr("r"));
        store.close();
    }
}
