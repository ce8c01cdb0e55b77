package io.chainring.persistence.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineOptions;
import io.chainring.persistence.engine.Engines;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.tool.Verification;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A damaged block among deleted events: whoever still has events goes on as if nothing were. */
final class DamagedDeletionTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String TEXT = "x".repeat(300);
    private static final String MARK = "here-it-will-be-damaged";
    private static final int EVENTS = 900;
    private static final int MORE = 780;

    @TempDir Path directory;

    @ParameterizedTest
    @CsvSource({
        "system,true",
        "system,false",
        "leveldbjni,true",
        "leveldbjni,false",
        "iq80,true",
        "iq80,false"
    })
    void othersGoOnAndWhatCannotBeRemovedIsParked(String engine, boolean tagged)
            throws IOException {
        String[] tags = tagged ? new String[] {"blue"} : new String[0];
        StoreSettings settings = Stores.settings(directory, engine, false);
        Store store = Store.open(settings);
        for (int n = 1; n <= EVENTS; n++) {
            String text = n == EVENTS / 2 ? MARK : TEXT;
            store.append(List.of(Stores.event("damaged", n, text, tags)), false);
        }
        store.close();
        compact(engine);
        assertEquals(1, damage());
        Store again = Store.open(settings);
        again.deleteTo("damaged", EVENTS - 10, false);
        int failures = 0;
        for (int n = 1; n <= MORE; n++) {
            try {
                again.append(List.of(Stores.event("other", n, TEXT)), false);
            } catch (StoreException e) {
                failures++;
            }
        }
        assertEquals(0, failures, "of " + MORE + " persists failed");
        await().atMost(PATIENCE).until(() -> again.gauges().deletionBacklogKeys() == 0);
        assertEquals(tagged ? 1 : 0, again.gauges().deletionsParked());
        assertEquals(MORE, Stores.read(again, "other").size());
        assertEquals(10, Stores.read(again, "damaged").size());
        assertEquals(0, again.gauges().failures());
        again.close();
        if (tagged) {
            List<String> problems = Verification.of(directory, engine).problems();
            assertTrue(problems.toString().contains("journal repair"), problems.toString());
        }
    }

    private void compact(String engine) {
        try (Engine raw =
                Engines.open(Engines.choose(engine, ""), directory, EngineOptions.DEFAULT)) {
            raw.compact(Keys.first(Keys.META), Keys.above(Keys.SNAPSHOT_PART));
        }
    }

    private int damage() throws IOException {
        int damaged = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path table : files.filter(f -> f.toString().matches(".*\\.(ldb|sst)")).toList()) {
                byte[] content = Files.readAllBytes(table);
                int at = new String(content, StandardCharsets.ISO_8859_1).indexOf(MARK);
                if (at >= 0) {
                    content[at] ^= 0x55;
                    Files.write(table, content);
                    damaged++;
                }
            }
        }
        return damaged;
    }
}
