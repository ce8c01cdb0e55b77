package io.chainring.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecoveryRunTest {
    private static final int KILLS = 12;

    @TempDir private Path folder;

    @Test
    void everyMeasuredKillResumesChains() throws Exception {
        RecoveryRun.Result result =
                RecoveryRun.run(new RecoveryRun.Plan(500, KILLS, 16, false, 1), folder);
        assertEquals(KILLS, result.samples().count());
        assertTrue(result.resumedChains() >= KILLS, "resumed " + result.resumedChains());
        assertTrue(result.pastChainsAtEnd() > 500, "completed " + result.pastChainsAtEnd());
        assertTrue(result.samples().medianMillis() > 0, "a recovery takes time");
        assertTrue(
                result.samples().maxMillis() < 60_000,
                "slowest recovery: " + result.samples().maxMillis() + " ms");
    }
}
