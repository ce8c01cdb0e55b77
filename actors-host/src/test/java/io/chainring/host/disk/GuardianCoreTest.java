package io.chainring.host.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.host.disk.GuardianCore.Effect;
import io.chainring.host.disk.GuardianCore.Input;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Deaths, pauses and stops in every order: one supervisor at a time, and an end that always comes. */
class GuardianCoreTest {
    private static final int LIVES = 2_000;

    @Test
    void pausesDoubleWhileNothingGetsDoneAndBeginAnewAfterSomethingWas() {
        GuardianCore core = new GuardianCore("d");
        List<Long> pauses = new ArrayList<>();
        for (int death = 0; death < 9; death++) {
            core.apply(Input.SUPERVISOR_ENDED, false);
            pauses.add(core.pauseMillis());
            core.apply(Input.PAUSE_OVER, false);
        }
        assertEquals(
                List.of(100L, 200L, 400L, 800L, 1600L, 3200L, 6400L, 10_000L, 10_000L), pauses);
        for (int death = 0; death < 20; death++) {
            core.apply(Input.SUPERVISOR_ENDED, true);
            assertEquals(GuardianCore.FIRST_PAUSE_MILLIS, core.pauseMillis());
            core.apply(Input.PAUSE_OVER, false);
        }
    }

    @Test
    void oneSupervisorAtATimeAndAnEndThatAlwaysComes() {
        SplittableRandom random = Seed.random(GuardianCoreTest.class);
        for (int life = 0; life < LIVES; life++) {
            GuardianCore core = new GuardianCore("d");
            boolean runs = true;
            boolean pauses = false;
            boolean asked = false;
            boolean ended = false;
            while (!ended) {
                Input input =
                        random.nextInt(4) == 0
                                ? Input.STOP
                                : runs ? Input.SUPERVISOR_ENDED : Input.PAUSE_OVER;
                asked |= input == Input.STOP;
                runs &= input != Input.SUPERVISOR_ENDED;
                pauses &= input != Input.PAUSE_OVER;
                Effect effect = core.apply(input, random.nextBoolean());
                switch (effect) {
                    case START_SUPERVISOR -> {
                        assertFalse(runs || asked, "a second supervisor, or one after the end");
                        runs = true;
                    }
                    case PAUSE -> pauses = true;
                    case STOP_SUPERVISOR -> assertTrue(runs && asked);
                    case END -> ended = true;
                    default -> {}
                }
                assertTrue(ended || runs || pauses, "nothing would ever happen again");
            }
            assertTrue(asked && !runs, "ended unasked, or too early");
        }
    }
}
