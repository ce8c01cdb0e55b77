package io.chainring.persistence.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The last record of a MANIFEST is cut off by a death or a power loss at each of its bytes: nothing of it was acted on. */
final class TornManifestTest {
    private static final byte[] KEY = "k".getBytes(StandardCharsets.UTF_8);

    @TempDir Path root;

    @ParameterizedTest
    @EnumSource
    void opensWhereverItsLastRecordWasCutOff(Engines.Kind kind) throws IOException {
        assumeTrue(
                kind != Engines.Kind.SYSTEM || LibLevelDb.problem() == null,
                "missing: libleveldb1d");
        Path whole = root.resolve("whole");
        try (Engine engine = Engines.open(kind, whole, EngineOptions.DEFAULT)) {
            engine.put(KEY, KEY, true);
        }
        String manifest = Files.readString(whole.resolve("CURRENT")).strip();
        byte[] bytes = Files.readAllBytes(whole.resolve(manifest));
        List<String> names;
        try (Stream<Path> files = Files.list(whole)) {
            names = files.map(file -> file.getFileName().toString()).toList();
        }
        for (int torn = 1; torn < 20; torn++) {
            Path directory = Files.createDirectory(root.resolve("torn-" + torn));
            for (String name : names) {
                Files.copy(whole.resolve(name), directory.resolve(name));
            }
            // A record of 40 bytes whose content is not its checksum's.
            byte[] more = Arrays.copyOf(bytes, bytes.length + torn);
            byte[] record = new byte[47];
            Arrays.fill(record, (byte) 7);
            record[4] = 40;
            record[5] = 0;
            record[6] = 1;
            System.arraycopy(record, 0, more, bytes.length, torn);
            Files.write(directory.resolve(manifest), more);
            try (Engine engine = Engines.open(kind, directory, EngineOptions.DEFAULT)) {
                assertArrayEquals(KEY, engine.get(KEY), "cut off after " + torn + " bytes");
            }
        }
        assertEquals(LogCheck.Verdict.CLEAN, LogCheck.check(whole.resolve(manifest)).verdict());
    }
}
