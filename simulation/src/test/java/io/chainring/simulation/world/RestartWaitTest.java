package io.chainring.simulation.world;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import io.chainring.ring.supervise.SupervisorInput;
import io.chainring.ring.turn.BackendLimits;
import io.chainring.ring.turn.CrashPolicy;
import io.chainring.simulation.plan.Plan;
import io.chainring.simulation.plan.Point;
import io.chainring.simulation.plan.Settings;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The waits between backends that die: they grow while nothing gets done, and not otherwise. */
class RestartWaitTest {
    private static final int MOST_STEPS = 200_000;
    private static final int DEATHS = 60;

    private final World world = new World(Plan.quiet(Seed.of(RestartWaitTest.class), quiet()));

    /** Nothing happens by itself, and nobody leaves. */
    private static Settings quiet() {
        BackendLimits limits = new BackendLimits(8, 16, 16, 16, 1 << 20, 16, 3, CrashPolicy.RESUME);
        return new Settings(
                0, 3, 16, 512, 32, limits, true, 0, 0, 0, 0, 0, false, false, 0, 0, false, 0);
    }

    private interface Moment {
        boolean hasCome();
    }

    /** Clients ask, and everything goes its way. */
    private void live(Moment until) {
        for (int i = 0; i < MOST_STEPS && !until.hasCome(); i++) {
            world.step(false);
        }
        assertTrue(until.hasCome(), () -> String.join("\n", world.scheduler.traceTail()));
    }

    private void rest() {
        int steps = 0;
        while (world.step(true)) {
            assertTrue(++steps < MOST_STEPS, () -> String.join("\n", world.scheduler.traceTail()));
        }
    }

    private void openRings() {
        live(() -> world.statistics.completedChains.get() > 10);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void deathsAfterEachCompletedChainMakeNoWait(boolean onPurpose) {
        openRings();
        for (int death = 0; death < DEATHS; death++) {
            long before = world.statistics.completedChains.get();
            live(() -> world.statistics.completedChains.get() > before);
            die(onPurpose);
        }
        assertEquals(List.of(), world.backendWaits);
        assertTrue(world.statistics.backendRestarts.get() >= DEATHS - 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void deathsWhileThereIsNothingToDoMakeNoWait(boolean onPurpose) {
        openRings();
        for (int death = 0; death < DEATHS; death++) {
            rest();
            die(onPurpose);
        }
        rest();
        assertEquals(List.of(), world.backendWaits);
        assertEquals(DEATHS, world.statistics.backendRestarts.get());
    }

    /** It would be a crash loop if nobody had asked for these deaths. */
    @ParameterizedTest
    @ValueSource(ints = {1, 40})
    void killsOfBackendsThatHadNoTimeMakeNoWait(int kills) {
        openRings();
        for (int kill = 0; kill < kills; kill++) {
            live(() -> world.supervisor.backend() != null);
            die(true);
        }
        live(() -> world.statistics.backendRestarts.get() == kills);
        assertEquals(List.of(), world.backendWaits);
    }

    private void die(boolean onPurpose) {
        if (onPurpose) {
            world.supervisor.hear(new SupervisorInput.Killed(Target.BACKEND));
        }
        world.deaths.backendDied("the test");
    }

    @ParameterizedTest
    @EnumSource(
            value = Point.class,
            names = {"RECOVERED", "EPOCH_BEGUN", "RESUMING", "RECORDING"})
    void aCrashLoopThatDoesNothingWaitsLongerAndLonger(Point point) {
        openRings();
        live(() -> world.statistics.inFlightChains.get() > 0);
        world.deadly = point;
        die(false);
        live(() -> world.backendWaits.size() >= 7);
        List<Long> waits = List.copyOf(world.backendWaits.subList(0, 7));
        assertEquals(List.of(20L, 40L, 80L, 160L, 200L, 200L, 200L), waits);

        world.deadly = null;
        long before = world.statistics.completedChains.get();
        live(() -> world.statistics.completedChains.get() > before);
        world.backendWaits.clear();
        die(false);
        live(() -> world.supervisor.backend() != null);
        assertEquals(List.of(), world.backendWaits, "one that works makes them begin anew");
    }
}
