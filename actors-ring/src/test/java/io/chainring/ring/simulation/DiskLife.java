package io.chainring.ring.simulation;

import java.util.SplittableRandom;

/** One random life of a disk. */
public final class DiskLife {
    private DiskLife() {}

    /**
     * Lives it through, with the invariants checked at each step.
     *
     * @return how often backend, supervisor or process died
     * @throws AssertionError when an invariant does not hold, with the seed and what happened last
     */
    public static int live(long seed, ExecutorModel.Factory executors) {
        SplittableRandom random = new SplittableRandom(seed);
        Settings settings = Settings.random(random);
        World world = new World(settings, random, executors);
        try {
            world.run();
        } catch (RuntimeException | AssertionError e) {
            String tail = String.join("\n  ", world.scheduler.traceTail());
            throw new AssertionError(
                    "-Dchainring.seed=" + seed + "\n" + settings + "\n  " + tail + "\n" + e, e);
        }
        return world.deaths;
    }

    /**
     * Lives of as many disks as {@code chainring.seeds} says; with {@code chainring.seed} that one alone.
     *
     * @return how often backend, supervisor or process died, in all of them
     */
    public static int liveMany(long firstSeed, int defaultSeeds, ExecutorModel.Factory executors) {
        boolean single = System.getProperty("chainring.seed") != null;
        int seeds = single ? 1 : Integer.getInteger("chainring.seeds", defaultSeeds);
        int deaths = 0;
        for (long seed = firstSeed; seed < firstSeed + seeds; seed++) {
            deaths += live(seed, executors);
        }
        return deaths;
    }
}
