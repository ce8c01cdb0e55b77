package io.chainring.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.simulation.plan.Fault;
import io.chainring.simulation.plan.Plan;
import io.chainring.simulation.world.Run;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShrinkerTest {
    /** A plan with a good number of faults and requests. */
    private static Plan large() {
        long seed = 1;
        while (Plan.of(seed).faults().size() < 6 || Run.of(Plan.of(seed)).requests() < 20) {
            seed++;
        }
        return Plan.of(seed);
    }

    @Test
    void whatIsNotNeededIsLeftOut() {
        Plan plan = large();
        Fault needed = plan.faults().get(2);
        long request = Plan.request(0, 1);
        Plan small =
                Shrinker.shrink(
                        plan,
                        each ->
                                each.faults().contains(needed)
                                        && !each.leftOut().contains(request)
                                        && each.steps() > needed.step());
        assertEquals(List.of(needed), small.faults());
        assertEquals(needed.step() + 1, small.steps());
        assertTrue(small.leftOut().size() > 10, small.leftOut().toString());
        assertTrue(!small.leftOut().contains(request));
    }

    @Test
    void whatFailsWholeOnlyStaysWhole() {
        Plan plan = large();
        assertEquals(plan, Shrinker.shrink(plan, each -> each.equals(plan)));
    }
}
