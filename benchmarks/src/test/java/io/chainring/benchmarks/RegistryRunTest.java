package io.chainring.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryRunTest {
    @TempDir private Path folder;

    @Test
    void everyDiskGoesThroughEveryRequest() throws Exception {
        List<RegistryRun.Row> rows =
                RegistryRun.run(new RegistryRun.Plan(200, 10, false, 1), folder);
        assertEquals(8, rows.size());
        for (RegistryRun.Row row : rows) {
            assertEquals(10, row.pieces().size(), row.what());
            for (Samples piece : row.pieces()) {
                assertEquals(20, piece.count(), row.what());
                assertTrue(piece.medianMillis() > 0, row.what());
            }
            assertTrue(row.growth() > 0, row.what());
        }
    }
}
