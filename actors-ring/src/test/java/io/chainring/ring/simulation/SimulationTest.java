package io.chainring.ring.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.ring.TestSeed;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Invariants I1 to I10 in thousands of short random lives of a disk. A failure prints the seed of its run and what
 * happened last; {@code -Dchainring.seed=} runs that one alone, {@code -Dchainring.seeds=} sets how many are run.
 */
class SimulationTest {
    private static final int DEFAULT_SEEDS = 2000;

    @Test
    void invariantsHoldInRandomLives() {
        boolean single = System.getProperty("chainring.seed") != null;
        long first = TestSeed.of(SimulationTest.class);
        int seeds = single ? 1 : Integer.getInteger("chainring.seeds", DEFAULT_SEEDS);
        long deaths = 0;
        for (long seed = first; seed < first + seeds; seed++) {
            deaths += run(seed).deaths;
        }
        assertTrue(single || deaths > seeds, "only " + deaths + " deaths in " + seeds + " lives");
    }

    private static World run(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Settings settings = Settings.random(random);
        World world = new World(settings, random);
        try {
            world.run();
        } catch (RuntimeException | AssertionError e) {
            String tail = String.join("\n  ", world.scheduler.traceTail());
            throw new AssertionError(
                    "-Dchainring.seed=" + seed + "\n" + settings + "\n  " + tail + "\n" + e, e);
        }
        return world;
    }
}
