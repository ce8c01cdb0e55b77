package io.chainring.node.service;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Every order of commands, outcomes, deaths of the process and ends of the node that the dice find. */
class DiskLifeSimulationTest {
    private static final int WORLDS = 1_500;
    private static final int PROCESSES = 8;
    private static final int STEPS = 60;

    @Test
    void whatTheRegistrySaysAndWhatRunsAgree() {
        SplittableRandom random = Seed.random(DiskLifeSimulationTest.class);
        long answers = 0;
        long deaths = 0;
        for (int i = 0; i < WORLDS; i++) {
            DiskWorld world = new DiskWorld(random.split());
            live(world);
            answers += world.answers;
            deaths += world.deaths;
        }
        assertTrue(answers > WORLDS * 10L, answers + " answers");
        assertTrue(deaths > WORLDS, deaths + " deaths");
    }

    private static void live(DiskWorld world) {
        for (int process = 0; process < PROCESSES; process++) {
            world.begin();
            int death = world.random.nextInt(2 * STEPS);
            for (int step = 0; step < STEPS && step != death; step++) {
                if (world.isIdle() || world.random.nextInt(4) == 0) {
                    world.command();
                } else {
                    world.step();
                }
            }
            if (death < STEPS) {
                world.die();
                continue;
            }
            if (world.random.nextBoolean()) {
                settle(world);
                world.checkRest();
            }
            world.end();
            settle(world);
            world.checkRest();
            world.die();
        }
    }

    private static void settle(DiskWorld world) {
        while (!world.isIdle()) {
            world.step();
        }
    }
}
