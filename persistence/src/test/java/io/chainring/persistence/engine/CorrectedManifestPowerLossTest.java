package io.chainring.persistence.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.base.power.Operation;
import io.chainring.base.power.Recorder;
import io.chainring.base.power.VolatileStorage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the native library is given to go on with is on stable storage, its name too, on any file system: it would add to a
 * file that a power loss replaces by the old one.
 */
@Tag("clients")
final class CorrectedManifestPowerLossTest {
    private static final int CUTS = 40;

    @TempDir Path root;

    @Test
    void theCorrectedOneIsThere() throws Exception {
        Random random = new Random(Seed.of(CorrectedManifestPowerLossTest.class));
        Path directory = Files.createDirectory(root.resolve("folder")).resolve("journal");
        List<Operation> record =
                Recorder.in(root)
                        .record(directory, 0, CorrectingChild.class, List.of(directory.toString()));
        VolatileStorage storage = new VolatileStorage(VolatileStorage.Model.POSIX, directory);
        int notes = 0;
        for (Operation operation : record) {
            storage.apply(operation);
            if (operation.kind() == Operation.Kind.NOTE) {
                notes++;
                break;
            }
        }
        assertEquals(1, notes);
        String name =
                new String(
                                storage.content(directory.resolve("CURRENT")),
                                java.nio.charset.StandardCharsets.US_ASCII)
                        .strip();
        byte[] corrected = storage.content(directory.resolve(name));
        assertNotNull(corrected);
        for (int i = 0; i < CUTS; i++) {
            Path image = root.resolve("image-" + i);
            storage.cut(random, image);
            assertTrue(Files.exists(image.resolve(name)), "cut " + i + ": no " + name);
            assertArrayEquals(corrected, Files.readAllBytes(image.resolve(name)), "cut " + i);
        }
    }
}
