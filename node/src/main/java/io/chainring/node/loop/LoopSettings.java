package io.chainring.node.loop;

import com.typesafe.config.Config;
import io.chainring.base.settings.Settings;

/**
 * How many event loops there are and how they wait for work.
 *
 * @param loops number of loops, each with a thread of its own
 * @param spin what a loop does before it sleeps
 * @param spinMicros longest spin, in microseconds
 * @param throughputMessages messages of one actor in a row before the loop turns to the next task
 */
public record LoopSettings(int loops, Spin spin, int spinMicros, int throughputMessages) {
    private static final int MAX_LOOPS = 256;

    /** What a loop does before it sleeps. */
    public enum Spin {
        /** Sleeps at once. */
        OFF,
        /** Looks for work for the full time, always. */
        FIXED,
        /** As FIXED, for a shorter time or not at all where that has not found work lately. */
        ADAPTIVE
    }

    /**
     * Reads {@code chainring.node}.
     *
     * @param config the whole configuration
     * @throws io.chainring.base.settings.InvalidSettingException one line that names the setting
     */
    public static LoopSettings from(Config config) {
        Settings node = Settings.at(config, "chainring.node");
        int loops = node.number("loops", 0, MAX_LOOPS);
        return new LoopSettings(
                loops == 0
                        ? Math.min(MAX_LOOPS, Runtime.getRuntime().availableProcessors())
                        : loops,
                // A false is an off that somebody's tool has rewritten.
                node.isOff("spin") ? Spin.OFF : node.choice("spin", Spin.class),
                node.number("spin-micros", 1, 10_000),
                node.number("loop-throughput", 1, 10_000));
    }
}
