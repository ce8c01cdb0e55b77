package io.chainring.persistence.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sizes in a MANIFEST that iq80 wrote. */
final class ManifestSizesTest {
    @TempDir Path directory;

    private Path manifest = Path.of("");

    @BeforeEach
    void compactWithIq80() throws IOException {
        try (Engine engine =
                Engines.open(
                        Engines.Kind.IQ80,
                        directory,
                        new EngineOptions(128 << 10, 1 << 20, true, true))) {
            for (int i = 0; i < 3000; i++) {
                engine.put(new byte[] {(byte) (i >> 8), (byte) i}, new byte[300], false);
            }
            engine.compact(new byte[0], new byte[] {(byte) 0xFF});
        }
        manifest = directory.resolve(Files.readString(directory.resolve("CURRENT")).strip());
    }

    @Test
    void correctsOnceAndThenFindsNothing() throws IOException {
        long lengthBytes = Files.size(manifest);
        int corrected = ManifestSizes.correct(directory, manifest);
        assertTrue(corrected > 0, "iq80 records the right sizes: is this class needed?");
        assertEquals(lengthBytes, Files.size(manifest));
        assertEquals(0, ManifestSizes.correct(directory, manifest));
        assertEquals(List.of(), leftOver());
    }

    @Test
    void leavesATableAloneThatWasCut() throws IOException {
        byte[] before = Files.readAllBytes(manifest);
        for (Path table : files(".sst")) {
            Files.write(table, new byte[100]);
        }
        assertEquals(0, ManifestSizes.correct(directory, manifest));
        assertArrayEquals(before, Files.readAllBytes(manifest));
    }

    /** Whatever the bytes are, it ends, and what it does not understand it does not change. */
    @Test
    void survivesAnyBytes() throws IOException {
        long seed = Long.getLong("chainring.seed", System.nanoTime());
        System.out.println("chainring.seed=" + seed);
        Random random = new Random(seed);
        byte[] good = Files.readAllBytes(manifest);
        for (int i = 0; i < 300; i++) {
            byte[] bytes = good.clone();
            for (int n = random.nextInt(4); n >= 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            Files.write(manifest, bytes);
            ManifestSizes.correct(directory, manifest);
            assertEquals(bytes.length, Files.size(manifest));
        }
    }

    private List<Path> leftOver() throws IOException {
        return files(".dbtmp");
    }

    private List<Path> files(String suffix) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(suffix)).toList();
        }
    }
}
