package io.chainring.host;

import java.util.Random;

/** Where random tests get their randomness: printed, and taken back from -Dchainring.seed. */
public final class Seed {
    private Seed() {}

    /** The given seed, or a new one; printed with the name of the test. */
    public static long next(String test) {
        String given = System.getProperty("chainring.seed");
        long seed = given == null ? new Random().nextLong() : Long.parseLong(given);
        System.out.println(test + ": -Dchainring.seed=" + seed);
        return seed;
    }
}
