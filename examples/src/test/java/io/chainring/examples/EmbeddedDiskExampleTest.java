package io.chainring.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddedDiskExampleTest {
    @TempDir Path folder;

    @Test
    void theExampleRunsTwiceInOneFolder() throws Exception {
        for (int run = 0; run < 2; run++) {
            ByteArrayOutputStream printed = new ByteArrayOutputStream();
            EmbeddedDiskExample.run(folder, new PrintStream(printed, true, StandardCharsets.UTF_8));
            assertTrue(
                    printed.toString(StandardCharsets.UTF_8)
                            .startsWith(
                                    "1000 blocks written and read back, backend killed 20 times,"),
                    printed::toString);
        }
    }
}
