package io.chainring.base;

import java.util.SplittableRandom;

/** The seed of a random test: printed, and taken back from the system property {@code chainring.seed}. */
public final class Seed {
    private static final String PROPERTY = "chainring.seed";

    private Seed() {}

    /** The seed of this run, printed with the test's name. */
    public static long next(String test) {
        String given = System.getProperty(PROPERTY);
        long seed = given == null ? System.nanoTime() : Long.parseLong(given);
        System.out.println(test + ": -D" + PROPERTY + "=" + seed);
        return seed;
    }

    /** The seed of this run, printed with the test's name. */
    public static long of(Class<?> test) {
        return next(test.getSimpleName());
    }

    /** A random generator from the seed of this run. */
    public static SplittableRandom random(Class<?> test) {
        return new SplittableRandom(of(test));
    }
}
