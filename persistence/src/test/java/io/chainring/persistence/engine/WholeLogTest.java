package io.chainring.persistence.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The length that a log must have is exactly what iq80 writes, whatever it writes; a byte less is seen. */
final class WholeLogTest {
    @TempDir Path directory;

    /** Each write is looked at: none may be taken for a part, over several logs. */
    @Test
    void whatIq80WritesIsWhole() throws Exception {
        Random random = new Random(Seed.of(WholeLogTest.class));
        try (Engine engine =
                Engines.open(
                        Engines.Kind.IQ80,
                        directory,
                        new EngineOptions(128 << 10, 1 << 20, true, true))) {
            for (int i = 0; i < 400; i++) {
                List<Engine.Change> changes = new ArrayList<>();
                int count = 1 + random.nextInt(4);
                for (int n = 0; n < count; n++) {
                    byte[] key = new byte[1 + random.nextInt(300)];
                    random.nextBytes(key);
                    key[0] = 4;
                    byte[] value = new byte[random.nextInt(random.nextInt(10) == 0 ? 70_000 : 300)];
                    changes.add(
                            random.nextInt(5) == 0
                                    ? Engine.Change.delete(key)
                                    : Engine.Change.put(key, value));
                }
                engine.write(changes, false);
            }
        }
        try (Stream<Path> logs = Files.list(directory)) {
            assertTrue(logs.anyMatch(file -> Integer.parseInt(number(file)) > 10), "several logs");
        }
    }

    private static String number(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".log") ? name.substring(0, name.length() - 4) : "0";
    }

    @Test
    void recordsFillBlocksWithHeadersAndRests() {
        assertEquals(7 + 12, WholeLog.end(0, 12));
        assertEquals(32768, WholeLog.end(0, 32761));
        assertEquals(32768 + 7 + 1, WholeLog.end(0, 32762));
        assertEquals(32768 + 7 + 20, WholeLog.end(32768 - 6, 20));
        assertEquals(32768 + 7 + 20, WholeLog.end(32768 - 7, 20));
    }

    @Test
    void aPartIsSeen() throws IOException {
        List<Engine.Change> change = List.of(Engine.Change.put(new byte[10], new byte[500]));
        Path log = directory.resolve("000003.log");
        int whole = 7 + 12 + 1 + 11 + 502;
        WholeLog seen = new WholeLog(directory);
        Files.write(log, new byte[whole]);
        seen.mustHave(change);
        try (FileChannel file = FileChannel.open(log, StandardOpenOption.APPEND)) {
            file.write(java.nio.ByteBuffer.allocate(whole - 1));
        }
        IOException part = assertThrows(IOException.class, () -> seen.mustHave(change));
        assertTrue(String.valueOf(part.getMessage()).startsWith("000003.log has"), part::toString);
    }
}
