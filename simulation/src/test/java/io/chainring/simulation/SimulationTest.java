package io.chainring.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.simulation.plan.Coverage;
import io.chainring.simulation.plan.Draws;
import io.chainring.simulation.plan.Plan;
import io.chainring.simulation.world.Run;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Invariants I1 to I10 and the histories of clients in short random lives of a disk, with the real decisions of supervisor,
 * backend, frontends and host. {@code -Dchainring.seed=} runs one of them alone, {@code -Dchainring.seeds=} sets how many.
 */
class SimulationTest {
    private static final int DEFAULT_SEEDS = 300;
    private static final int COVERAGE_SEEDS = 450;
    private static final int GOLDEN_SEEDS = 40;
    private static final long GOLDEN_HASH = 0xe3849dfff20fc0d8L;

    @Test
    void invariantsHoldWhoeverDies() {
        long first = Seed.next("SimulationTest");
        boolean single = System.getProperty("chainring.seed") != null;
        int seeds = single ? 1 : Integer.getInteger("chainring.seeds", DEFAULT_SEEDS);
        int deaths = 0;
        for (long seed = first; seed < first + seeds; seed++) {
            Run run = Run.of(Plan.of(seed));
            assertNull(run.failure(), Failure.of(Plan.of(seed), run).words());
            deaths += run.deaths();
        }
        assertTrue(single || deaths > 0, "nobody died in all these lives");
    }

    /** Of these seeds, which are always the same. */
    @Test
    void everybodyDiesAtEachPointAndInTheMiddleOfEverything() {
        Coverage coverage = new Coverage();
        for (long seed = 1; seed <= COVERAGE_SEEDS; seed++) {
            Run run = Run.of(Plan.of(seed));
            assertNull(run.failure(), Failure.of(Plan.of(seed), run).words());
            coverage.add(run.coverage());
        }
        System.out.println(coverage.table());
        assertEquals(List.of(), coverage.holes(), "nobody died there");
    }

    @Test
    void aSeedIsOneRun() {
        long first = Seed.next("SimulationTest.aSeedIsOneRun");
        for (long seed = first; seed < first + 50; seed++) {
            assertEquals(Run.of(Plan.of(seed)).hash(), Run.of(Plan.of(seed)).hash());
        }
        assertNotEquals(Run.of(Plan.of(first)).hash(), Run.of(Plan.of(first + 1)).hash());
    }

    /** On each machine and Java; another number after a change of what a core decides is right, and goes here. */
    @Test
    void aSeedIsTheSameRunEverywhere() {
        long all = 0;
        for (long seed = 1; seed <= GOLDEN_SEEDS; seed++) {
            all = Draws.mix(all ^ Run.of(Plan.of(seed)).hash());
        }
        assertEquals(Long.toHexString(GOLDEN_HASH), Long.toHexString(all));
    }
}
