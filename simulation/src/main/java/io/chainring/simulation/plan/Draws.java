package io.chainring.simulation.plan;

/**
 * Random numbers that are the same on each machine and Java: SplitMix64 (G. Steele, D. Lea, C. Flood, <i>Fast splittable
 * pseudorandom number generators</i>, 2014), with bounds and fractions made here, since those of the library may change.
 */
public final class Draws {
    private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;
    private long state;

    public Draws(long seed) {
        state = seed;
    }

    /** Any long. */
    public long nextLong() {
        state += GOLDEN;
        return mix(state);
    }

    /** Scatters the bits of a number. */
    public static long mix(long number) {
        long z = (number ^ (number >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return z ^ (z >>> 31);
    }

    /** From 0 to the bound, which is not reached. */
    public int nextInt(int bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bound " + bound);
        }
        return (int) ((nextLong() >>> 32) * bound >>> 32);
    }

    /** From the one to the other, which is not reached. */
    public int nextInt(int from, int bound) {
        return from + nextInt(bound - from);
    }

    public boolean nextBoolean() {
        return nextLong() < 0;
    }

    /** From 0 to 1, which is not reached. */
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }

    /** Draws of their own, apart from what is drawn here later. */
    public Draws split() {
        return new Draws(nextLong());
    }
}
