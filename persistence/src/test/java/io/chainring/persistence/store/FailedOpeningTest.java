package io.chainring.persistence.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.engine.EngineOptions;
import io.chainring.persistence.engine.Engines;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An opening that failed leaves nothing: the next one of the same process says the same, or succeeds. */
final class FailedOpeningTest {
    @TempDir Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"leveldbjni", "iq80"})
    void theTrueCauseIsNamedEachTimeAndItOpensWhenThatIsGone(String engine) throws Exception {
        StoreSettings settings = Stores.settings(directory, engine, false);
        Store before = Store.open(settings);
        Stores.append(before, "p", 1, 3, "t");
        before.close();
        Path manifest = manifest();
        byte[] sound = Files.readAllBytes(manifest);
        byte[] other = sound.clone();
        // The name of the order of keys: nothing that is looked at before the library does.
        other[12] = 'X';
        fixChecksum(other);
        Files.write(manifest, other);
        String first = refusal(settings);
        for (int attempt = 0; attempt < 3; attempt++) {
            assertEquals(first, refusal(settings));
        }
        assertTrue(!first.contains("in use"), first);
        Files.write(manifest, sound);
        Store after = Store.open(settings);
        assertEquals(List.of("t", "t", "t"), Stores.read(after, "p"));
        after.close();
    }

    private static String refusal(StoreSettings settings) {
        return String.valueOf(
                assertThrows(StoreException.class, () -> Store.open(settings)).getMessage());
    }

    /** Of the first record; masked as LevelDB has it. */
    private static void fixChecksum(byte[] log) {
        int lengthBytes = (log[4] & 0xFF) | (log[5] & 0xFF) << 8;
        CRC32C crc = new CRC32C();
        crc.update(log, 6, 1 + lengthBytes);
        ByteBuffer.wrap(log)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0, Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8);
    }

    private Path manifest() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith("MANIFEST"))
                    .findAny()
                    .orElseThrow();
        }
    }

    /** A directory that is open here is refused as such, and stays who has it. */
    @Test
    void whoHasItOpenKeepsItsLock() throws Exception {
        Store open = Store.open(Stores.settings(directory, "iq80", false));
        Object lock = Files.getAttribute(directory.resolve("LOCK"), "unix:ino");
        assertThrows(
                EngineException.class,
                () -> Engines.open(Engines.Kind.IQ80, directory, EngineOptions.DEFAULT));
        assertEquals(lock, Files.getAttribute(directory.resolve("LOCK"), "unix:ino"));
        Stores.append(open, "p", 1, 3, "t");
        open.close();
    }
}
