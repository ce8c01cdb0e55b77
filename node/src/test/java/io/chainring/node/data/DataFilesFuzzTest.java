package io.chainring.node.data;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.DecoderFuzz;
import io.chainring.base.HostileBytes;
import io.chainring.base.Seed;
import io.chainring.node.StartException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The JSON files of a data directory, whatever stands in them: read, or refused with one short line. */
@Timeout(120)
class DataFilesFuzzTest {
    private static final int ROUNDS = 20_000;
    private static final int FILE_ROUNDS = 300;
    private static final int MESSAGE_LIMIT = 1000;
    private static final String LIST =
            """
            { "format": 1,
              "disks": [
                { "name": "disk0", "path": "/srv/a.img", "sizeBytes": 1073741824, "journal": 0,
                  "uuid": "8f5c7b1e-2a61-4b7f-9d3e-0c1d2e3f4a5b", "journalId": "disk0" },
                { "name": "b", "path": "/srv/b.img", "sizeBytes": 512, "journal": 1 } ] }
            """;

    @TempDir Path directory;

    @Test
    void theOldListIsReadOrRefused() {
        new DecoderFuzz(
                        getClass(),
                        IllegalArgumentException.class,
                        bytes -> DiskList.read(new String(bytes, StandardCharsets.UTF_8)))
                .allocates(256 << 10, 256)
                .run(ROUNDS, List.of(LIST.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void whatIsDeepLongOrLargeIsRefusedWithOneShortLine() {
        String line = "\\n\\u001b[2J";
        for (String text :
                List.of(
                        "[".repeat(1 << 20),
                        "{\"a\":".repeat(1 << 18),
                        "{\"format\":" + "[".repeat(900) + "]".repeat(900) + "}",
                        "{\"format\":\"" + "x".repeat(1 << 20) + "\"}",
                        "{\"format\":\"" + line + "\"}",
                        "{\"format\":" + "9".repeat(1 << 20) + "}",
                        "{\"format\":1e999999999}",
                        LIST.replace("journalId", "x".repeat(40_000)),
                        LIST.replace("journalId", line),
                        LIST.replace("disk0", line),
                        LIST.replace("disk0", "d".repeat(100_000)),
                        LIST.replace("/srv/a.img", line + "x".repeat(100_000)),
                        LIST.replace("/srv/a.img", "/\\u0000"),
                        LIST.replace("8f5c7b1e", line),
                        LIST.replace("1073741824", "1e308"),
                        LIST.replace("1073741824", "9".repeat(900)),
                        "{\"" + "k".repeat(200_000) + "\":1}")) {
            IllegalArgumentException refusal =
                    assertThrows(IllegalArgumentException.class, () -> DiskList.read(text));
            checkLine(String.valueOf(refusal.getMessage()));
        }
    }

    @Test
    void aDirectoryWithHostileFilesOpensOrIsRefusedWithOneLine() throws Exception {
        SplittableRandom random = Seed.random(getClass());
        byte[] layout = "{ \"format\" : 1 }".getBytes(StandardCharsets.UTF_8);
        int refused = 0;
        for (int round = 0; round < FILE_ROUNDS; round++) {
            Path data = Files.createDirectories(directory.resolve("data" + round));
            boolean list = random.nextBoolean();
            write(data.resolve("node.json"), list ? layout : HostileBytes.from(layout, random));
            byte[] disks = LIST.getBytes(StandardCharsets.UTF_8);
            write(data.resolve("disks.json"), list ? HostileBytes.from(disks, random) : disks);
            refused += isRefused(data) ? 1 : 0;
        }
        assertTrue(
                refused > FILE_ROUNDS / 10 && refused < FILE_ROUNDS,
                refused + " of " + FILE_ROUNDS + " refused");
    }

    private static boolean isRefused(Path data) {
        try {
            DataDirectory.open(data, DirectoryClaim.UNKNOWN).close();
            return false;
        } catch (StartException e) {
            String message = String.valueOf(e.getMessage());
            checkLine(message);
            assertTrue(message.contains(data.toString()), message);
            return true;
        }
    }

    /** A list that is larger than any can be is not read. */
    @Test
    void aFileThatIsTooLargeIsRefused() throws IOException {
        write(directory.resolve("node.json"), new byte[(4 << 20) + 1]);
        StartException refusal =
                assertThrows(
                        StartException.class,
                        () -> DataDirectory.open(directory, DirectoryClaim.UNKNOWN));
        checkLine(String.valueOf(refusal.getMessage()));
    }

    private static void checkLine(String message) {
        assertTrue(message.length() < MESSAGE_LIMIT, message.length() + " characters");
        assertFalse(message.chars().anyMatch(Character::isISOControl), message);
    }

    private static void write(Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes);
    }
}
