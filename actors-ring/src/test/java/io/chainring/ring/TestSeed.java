package io.chainring.ring;

import java.util.SplittableRandom;

/** The seed of a random test: printed, and taken back from the system property {@code chainring.seed}. */
public final class TestSeed {
    private static final String PROPERTY = "chainring.seed";

    private TestSeed() {}

    /** The seed of this run, printed with the test's name. */
    public static long of(Class<?> test) {
        Long given = Long.getLong(PROPERTY);
        long seed = given == null ? System.nanoTime() : given;
        System.out.println(test.getSimpleName() + ": -D" + PROPERTY + "=" + seed);
        return seed;
    }

    /** A random generator from the seed of this run. */
    public static SplittableRandom random(Class<?> test) {
        return new SplittableRandom(of(test));
    }
}
