package io.chainring.host.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.ring.simulation.DiskLife;
import org.junit.jupiter.api.Test;

/**
 * Invariants I1 to I10 in thousands of short random lives of a disk, with the real decisions of supervisor, backend,
 * frontends and host. {@code -Dchainring.seed=} runs one of them alone, {@code -Dchainring.seeds=} sets how many are run.
 */
class HostLifeTest {
    private static final int DEFAULT_SEEDS = 2000;

    @Test
    void invariantsHoldWithTheRealHost() {
        long seed = Seed.next("HostLifeTest");
        int deaths = DiskLife.liveMany(seed, DEFAULT_SEEDS, HostModel::new);
        boolean single = System.getProperty("chainring.seed") != null;
        assertTrue(single || deaths > 0, "nobody died in all these lives");
    }
}
