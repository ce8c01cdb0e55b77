package io.chainring.ring.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import org.junit.jupiter.api.Test;

/**
 * Invariants I1 to I10 in thousands of short random lives of a disk. A failure prints the seed of its run and what
 * happened last; {@code -Dchainring.seed=} runs that one alone, {@code -Dchainring.seeds=} sets how many are run.
 */
class SimulationTest {
    private static final int DEFAULT_SEEDS = 2000;

    @Test
    void invariantsHoldInRandomLives() {
        long seed = Seed.of(SimulationTest.class);
        int deaths =
                DiskLife.liveMany(
                        seed,
                        DEFAULT_SEEDS,
                        (incarnation, limit, effects) ->
                                new ProtocolExecutor(incarnation, effects));
        boolean single = System.getProperty("chainring.seed") != null;
        assertTrue(single || deaths > 0, "nobody died in all these lives");
    }
}
