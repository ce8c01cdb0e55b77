package io.chainring.host;

import com.typesafe.config.Config;
import io.chainring.base.settings.Settings;
import io.chainring.ring.supervise.RingSettings;
import java.time.Duration;

/**
 * Settings of a host; defaults and consequences are in {@code reference.conf}.
 *
 * @param io where reads and writes run
 * @param poolThreads most threads of one disk's pool
 * @param poolQueueLimitTasks most tasks that wait in the pool; further ones wait in the host
 * @param outstandingLimitChains most chains that run or whose outcome is not journaled yet
 * @param deadlyLimitDeaths hosts that one chain may end, by an Error of the store, before it ends with an I/O error
 * @param slowThreshold in mode auto: a read or write that takes longer, not counting a nanosecond per
 *     byte, did not come from memory
 * @param stallThreshold in mode auto: one that takes longer moves the disk to the pool at once
 */
public record HostSettings(
        IoMode io,
        int poolThreads,
        int poolQueueLimitTasks,
        int outstandingLimitChains,
        int deadlyLimitDeaths,
        Duration slowThreshold,
        Duration stallThreshold) {

    private static final Duration LONGEST = Duration.ofDays(1);

    /**
     * Reads {@code chainring.host} of a configuration.
     *
     * @throws io.chainring.base.settings.InvalidSettingException which names the setting that is wrong, also in view of
     *     the ring's
     */
    public static HostSettings from(Config configuration) {
        Settings host = Settings.at(configuration, "chainring.host");
        int inFlight = RingSettings.of(configuration).limits().inFlightLimitChains();
        int outstanding = host.number("outstanding-limit-chains", 1, 1 << 20);
        // As many again may be done and recorded, with the word of it still on its way to the host.
        if (outstanding < 2 * inFlight) {
            throw host.refused(
                    "outstanding-limit-chains",
                    outstanding,
                    "at least twice %s.in-flight-limit-chains = %s is needed"
                            .formatted(RingSettings.PATH, inFlight));
        }
        Duration slow = host.duration("auto.slow-threshold", Duration.ZERO, LONGEST);
        return new HostSettings(
                host.choice("io", IoMode.class),
                host.number("pool.threads", 1, 256),
                host.number("pool.queue-limit-tasks", 1, 1 << 20),
                outstanding,
                host.number("deadly-limit-deaths", 1, 1_000_000),
                slow,
                host.duration("auto.stall-threshold", slow, LONGEST));
    }

    /** The same with another mode. */
    public HostSettings withIo(IoMode mode) {
        return new HostSettings(
                mode,
                poolThreads,
                poolQueueLimitTasks,
                outstandingLimitChains,
                deadlyLimitDeaths,
                slowThreshold,
                stallThreshold);
    }
}
