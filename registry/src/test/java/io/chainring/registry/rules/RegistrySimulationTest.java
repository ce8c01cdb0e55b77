package io.chainring.registry.rules;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.registry.name.DeviceName;
import io.chainring.registry.name.NameScheme;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Many clients insert, eject and rename at once while the registry is killed between any two of its steps: no name
 * belongs to two disks, generations rise, and a request has one event and one answer.
 */
class RegistrySimulationTest {
    private static final int LIVES = 150;
    private static final int STEPS = 600;

    @ParameterizedTest
    @EnumSource(ReusePolicy.class)
    void noNameBelongsToTwoDisksWhateverDies(ReusePolicy policy) {
        SplittableRandom random =
                new SplittableRandom(Seed.next("RegistrySimulationTest " + policy));
        RegistrySettings settings =
                new RegistrySettings(
                        policy,
                        Duration.ofSeconds(30),
                        List.of(NameScheme.VD, NameScheme.SD, NameScheme.WINDOWS),
                        Set.of(DeviceName.parse("vda")),
                        6,
                        1 << 16);
        int[] kills = new int[RegistryWorld.Moment.values().length];
        int taken = 0;
        int repetitions = 0;
        int snapshots = 0;
        int givenUp = 0;
        for (int life = 0; life < LIVES; life++) {
            RegistryWorld world = new RegistryWorld(settings, random.split());
            world.run(STEPS);
            world.kills.forEach((moment, count) -> kills[moment.ordinal()] += count);
            taken += world.refusals.getOrDefault(Refusal.NameTaken.class, 0);
            repetitions += world.repetitions;
            snapshots += world.snapshots;
            givenUp += world.model.givenUp;
        }
        for (RegistryWorld.Moment moment : RegistryWorld.Moment.values()) {
            assertTrue(kills[moment.ordinal()] > LIVES, "kills " + moment);
        }
        assertTrue(taken > LIVES, taken + " names were taken");
        assertTrue(repetitions > LIVES, repetitions + " repetitions");
        assertTrue(snapshots > LIVES, snapshots + " snapshots");
        assertTrue(givenUp > LIVES, givenUp + " disks were never made");
    }
}
