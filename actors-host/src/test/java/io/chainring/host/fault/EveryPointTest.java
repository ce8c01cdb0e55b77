package io.chainring.host.fault;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.base.fault.FaultPoints;
import io.chainring.chaos.check.Verdict;
import io.chainring.host.embed.Chainring;
import io.chainring.host.embed.EmbeddedDisk;
import io.chainring.host.store.MemoryBlockStore;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import io.chainring.ring.turn.KillPoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each named point kills once in each way while clients come, work and go. What they heard is judged; that a point was never
 * passed, or killed nobody, is a failure.
 */
final class EveryPointTest {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int CLIENTS = 4;

    @TempDir Path folder;

    @Test
    void everyPointIsSomebodys() {
        Set<KillPoint> all = EnumSet.noneOf(KillPoint.class);
        int count = 0;
        for (Target target : Target.values()) {
            all.addAll(target.points());
            count += target.points().size();
        }
        assertEquals(EnumSet.allOf(KillPoint.class), all);
        assertEquals(all.size(), count, "a point of two");
    }

    @ParameterizedTest
    @EnumSource(Target.class)
    void killsAtEachPointInEachWayCostNothingButAPause(Target target) throws Exception {
        long seed = Seed.of(EveryPointTest.class);
        ActorTestKit kit = ActorTestKit.create("every-point", OnFiles.config(folder, 40));
        try {
            EmbeddedDisk disk =
                    Chainring.get(kit.system())
                            .open(
                                    "points-" + target,
                                    new MemoryBlockStore("memory", Load.CELLS * Load.CELL_BYTES));
            disk.killPoints().count();
            Verdict verdict;
            try (Load load = new Load(disk, seed, CLIENTS)) {
                for (KillPoint point : target.points()) {
                    for (KillMode mode : KillMode.values()) {
                        killAt(disk, load, target, point, mode);
                    }
                }
                long before = load.done();
                await().atMost(PATIENCE).until(() -> load.done() > before + 20L * CLIENTS);
                load.end();
                verdict = load.verdict();
                if (target == Target.BACKEND || target == Target.HOST) {
                    assertEquals(
                            "{}", load.errors().toString(), "clients noticed more than a pause");
                }
            }
            print(target, disk.killPoints().counts(), verdict);
            assertTrue(verdict.isGood(), verdict.violations()::toString);
            disk.close();
        } finally {
            kit.shutdownTestKit();
        }
    }

    /** Points of a recovery are passed when somebody dies; of others it is seen that somebody did die there. */
    private static void killAt(
            EmbeddedDisk disk, Load load, Target target, KillPoint point, KillMode mode) {
        long before = killed(disk, point);
        long deathsBefore = deaths(disk, load, target);
        Runnable unused = disk.killAt(point, mode, 1);
        int[] looks = {0};
        await(point + " " + mode)
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(
                        () -> {
                            if (killed(disk, point) > before) {
                                return true;
                            }
                            if (++looks[0] % 10 == 5) {
                                var asked = disk.kill(Target.BACKEND, KillMode.STOP);
                            } else if (looks[0] % 10 == 0) {
                                var asked = disk.kill(Target.HOST, KillMode.STOP);
                            }
                            return false;
                        });
        // A client whose frontend dies may be on its way out, and notice nothing.
        if (looks[0] < 5 && target != Target.FRONTEND) {
            await("a death at " + point + " of " + mode)
                    .atMost(PATIENCE)
                    .until(() -> deaths(disk, load, target) > deathsBefore);
        }
    }

    private static long deaths(EmbeddedDisk disk, Load load, Target target) {
        return switch (target) {
            case BACKEND -> disk.statistics().backendRestarts.get();
            case HOST -> disk.statistics().executorRestarts.get();
            case FRONTEND, SUPERVISOR ->
                    load.errors().values().stream().mapToInt(Integer::intValue).sum();
        };
    }

    private static long killed(EmbeddedDisk disk, KillPoint point) {
        return disk.killPoints().counts().get(point.ordinal()).acted();
    }

    private static void print(
            Target target, List<FaultPoints.Count<KillPoint>> counts, Verdict verdict) {
        List<String> holes = new ArrayList<>();
        System.out.printf(
                Locale.ROOT,
                "%-28s %10s %6s   (%s, %d operations judged)%n",
                "point",
                "passed",
                "killed",
                target,
                verdict.operations());
        for (FaultPoints.Count<KillPoint> count : counts) {
            if (target.points().contains(count.point())) {
                System.out.printf(
                        Locale.ROOT,
                        "%-28s %10d %6d%n",
                        count.point(),
                        count.passed(),
                        count.acted());
                if (count.acted() != KillMode.values().length) {
                    holes.add(count.point() + " killed " + count.acted());
                }
            }
        }
        assertEquals(
                List.of(), holes, "points at which not everything that was asked for happened");
    }
}
