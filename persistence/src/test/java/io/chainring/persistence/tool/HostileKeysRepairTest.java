package io.chainring.persistence.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineOptions;
import io.chainring.persistence.engine.Engines;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordWriter;
import io.chainring.persistence.format.Records;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.Stores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A repair leaves out what nobody can have written, names it, and keeps the rest. */
final class HostileKeysRepairTest {
    private static final RecordWriter WRITER = new RecordWriter();

    @TempDir Path root;

    @Test
    void keysThatAreNoneAreLeftOutAndNamed() throws IOException {
        Path directory = root.resolve("journal");
        Store store = Store.open(Stores.settings(directory, "leveldbjni", false));
        Stores.append(store, "a", 1, 50, "text");
        store.close();
        List<byte[]> hostile =
                List.of(
                        Arrays.copyOf(Keys.event(1, 51), 12),
                        Arrays.copyOf(Keys.event(1, 51), 18),
                        Keys.event(1, -1),
                        Arrays.copyOf(Keys.counter(1), 5),
                        Arrays.copyOf(Keys.snapshot(1, 2, 3), 24),
                        Arrays.copyOf(Keys.snapshotPart(1, 2, 3, 4), 10),
                        Keys.tag(1, 0),
                        Keys.name("b"));
        try (Engine engine =
                Engines.open(Engines.Kind.LEVELDBJNI, directory, EngineOptions.DEFAULT)) {
            for (byte[] key : hostile) {
                engine.put(key, Records.name(WRITER, key, -7), false);
            }
        }
        Repair repair = Repair.of(directory, "auto");
        assertEquals(hostile.size(), repair.lost().size(), repair.lost().toString());
        assertEquals(50, repair.events());
        assertEquals(List.of(), Verification.of(directory, "auto").problems());
    }
}
