package io.chainring.node.loop;

import com.typesafe.config.Config;
import java.util.Locale;

/**
 * How many event loops there are and how they wait for work.
 *
 * @param loops number of loops, each with a thread of its own
 * @param spin what a loop does before it sleeps
 * @param spinMicros longest spin, in microseconds
 * @param throughputMessages messages of one actor in a row before the loop turns to the next task
 */
public record LoopSettings(int loops, Spin spin, int spinMicros, int throughputMessages) {
    /** Most loops of one node. */
    public static final int MAX_LOOPS = 256;

    private static final String PATH = "chainring.node.";
    private static final int MAX_SPIN_MICROS = 10_000;

    /** What a loop does before it sleeps. */
    public enum Spin {
        /** Sleeps at once. */
        OFF,
        /** Looks for work for the full time, always. */
        FIXED,
        /** As FIXED, for a shorter time or not at all where that has not found work lately. */
        ADAPTIVE
    }

    /** Checks the ranges. */
    public LoopSettings {
        check("loops", loops, 1, MAX_LOOPS);
        check("spin-micros", spinMicros, 1, MAX_SPIN_MICROS);
        check("loop-throughput", throughputMessages, 1, 10_000);
    }

    /**
     * Reads {@code chainring.node}.
     *
     * @param config the whole configuration
     * @throws IllegalArgumentException one line that names the setting
     */
    public static LoopSettings from(Config config) {
        int loops = config.getInt(PATH + "loops");
        return new LoopSettings(
                loops == 0
                        ? Math.min(MAX_LOOPS, Runtime.getRuntime().availableProcessors())
                        : loops,
                spin(config.getString(PATH + "spin")),
                config.getInt(PATH + "spin-micros"),
                config.getInt(PATH + "loop-throughput"));
    }

    private static Spin spin(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "off", "false" -> Spin.OFF;
            case "fixed" -> Spin.FIXED;
            case "adaptive" -> Spin.ADAPTIVE;
            default ->
                    throw new IllegalArgumentException(
                            PATH + "spin = " + text + ": allowed are off, fixed and adaptive");
        };
    }

    private static void check(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "chainring.node."
                            + name
                            + " = "
                            + value
                            + ": allowed are "
                            + least
                            + " to "
                            + most);
        }
    }
}
