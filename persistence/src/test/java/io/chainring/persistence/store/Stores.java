package io.chainring.persistence.store;

import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.engine.EngineOptions;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.format.Keys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Small stores for tests. */
public final class Stores {
    private Stores() {}

    public static StoreSettings settings(Path directory, String engine, boolean fsync) {
        return settings(directory, engine, fsync, Duration.ZERO, 500, 0);
    }

    public static StoreSettings settings(
            Path directory,
            String engine,
            boolean fsync,
            Duration forgetAfter,
            long compactionAfter,
            long minFreeBytes) {
        return new StoreSettings(
                directory,
                engine,
                fsync,
                new EngineOptions(128 << 10, 1 << 20, true, true),
                1 << 20,
                64 << 20,
                64,
                1 << 20,
                32,
                0.5,
                64,
                4,
                compactionAfter,
                100,
                forgetAfter,
                Duration.ofMillis(20),
                minFreeBytes,
                "");
    }

    public static AtomicAppend event(String id, long sequenceNr, String text, String... tags) {
        return events(id, sequenceNr, List.of(text), tags);
    }

    public static AtomicAppend events(String id, long first, List<String> texts, String... tags) {
        List<AtomicAppend.Event> events = new ArrayList<>();
        for (String text : texts) {
            events.add(
                    new AtomicAppend.Event(
                            first + events.size(),
                            new Serialized(20, "S", text.getBytes(StandardCharsets.UTF_8)),
                            "",
                            "writer-1",
                            Set.of(tags),
                            null));
        }
        return new AtomicAppend(id, events);
    }

    public static void append(Store store, String id, long from, long to, String text) {
        for (long n = from; n <= to; n++) {
            store.append(List.of(event(id, n, text)), false);
        }
    }

    /**
     * Finishes deletions as two openings would, and tells what is there that is not to be: removed events and names of
     * actors without anything.
     */
    public static List<String> leftBehind(Store store) {
        StoreInspection inspection = new StoreInspection(store);
        inspection.finishDeletions();
        inspection.finishDeletions();
        List<String> wrong = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        inspection.persistenceIds(null, Integer.MAX_VALUE, ids::add);
        for (String id : ids) {
            PersistenceIdState state = store.persistenceIds().get(id);
            long[] removed = {0};
            store.engine()
                    .scan(
                            Keys.first(Keys.EVENT, state.number),
                            Keys.event(state.number, state.deletedTo + 1),
                            (key, value) -> {
                                removed[0]++;
                                return true;
                            });
            if (removed[0] > 0) {
                wrong.add(id + ": " + removed[0] + " deleted events are never removed");
            }
            if (state.deletedTo > 0
                    && state.deletedTo == state.highest
                    && new SnapshotArea(store).sequenceNrs(id).isEmpty()) {
                wrong.add(id + ": is never forgotten");
            }
        }
        return wrong;
    }

    /** How many keys of a kind there are. */
    public static long keys(Store store, byte kind) {
        long[] count = {0};
        store.engine()
                .scan(
                        Keys.first(kind),
                        Keys.above(kind),
                        (key, value) -> {
                            count[0]++;
                            return true;
                        });
        return count[0];
    }

    /** Texts of all events. */
    public static List<String> read(Store store, String id) {
        List<String> texts = new ArrayList<>();
        store.readEvents(
                id,
                1,
                Long.MAX_VALUE,
                (sequenceNr, event) ->
                        texts.add(new String(event.payload().bytes(), StandardCharsets.UTF_8)));
        return texts;
    }

    /** How many events have a tag. */
    public static int tagged(Store store, String tag) {
        List<Long> offsets = new ArrayList<>();
        new TagReader(store)
                .read(
                        tag,
                        0,
                        Integer.MAX_VALUE,
                        (offset, id, number, event) -> offsets.add(offset));
        return offsets.size();
    }
}
