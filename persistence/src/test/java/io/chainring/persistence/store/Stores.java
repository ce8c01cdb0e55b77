package io.chainring.persistence.store;

import io.chainring.persistence.engine.EngineOptions;
import io.chainring.persistence.format.EventRecord.Serialized;
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
                16,
                compactionAfter,
                100,
                forgetAfter,
                Duration.ofMillis(20),
                minFreeBytes);
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
}
