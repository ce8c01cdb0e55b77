package io.chainring.chaos.tested;

/**
 * What a disk is, and takes.
 *
 * @param sizeBytes its size
 * @param blockBytes requests begin and end at multiples of it
 * @param flush whether it flushes
 * @param through whether it writes through
 * @param trim whether contents can be given up
 * @param zeroes whether it writes zeroes by itself
 */
public record TargetFeatures(
        long sizeBytes,
        int blockBytes,
        boolean flush,
        boolean through,
        boolean trim,
        boolean zeroes) {}
