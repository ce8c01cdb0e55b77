package io.chainring.host;

import com.typesafe.config.Config;
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

    public HostSettings {
        check("pool.threads", poolThreads, 256);
        check("pool.queue-limit-tasks", poolQueueLimitTasks, 1 << 20);
        check("outstanding-limit-chains", outstandingLimitChains, 1 << 20);
        check("deadly-limit-deaths", deadlyLimitDeaths, 1_000_000);
        if (slowThreshold.isNegative() || stallThreshold.compareTo(slowThreshold) < 0) {
            throw new IllegalArgumentException(
                    "chainring.host.auto: slow-threshold = "
                            + slowThreshold
                            + " must be positive and not above stall-threshold = "
                            + stallThreshold);
        }
    }

    private static void check(String name, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(
                    "chainring.host." + name + " = " + value + ": allowed are 1 to " + most);
        }
    }

    /**
     * Reads {@code chainring.host} of a configuration.
     *
     * @throws IllegalArgumentException which names the setting that is wrong, also in view of the ring's
     */
    public static HostSettings from(Config configuration) {
        Config host = configuration.getConfig("chainring.host");
        int inFlight = RingSettings.of(configuration).limits().inFlightLimitChains();
        int outstanding = host.getInt("outstanding-limit-chains");
        // As many again may be done and recorded, with the word of it still on its way to the host.
        if (outstanding < 2 * inFlight) {
            throw new IllegalArgumentException(
                    "chainring.host.outstanding-limit-chains = "
                            + outstanding
                            + ": at least twice the in-flight-limit-chains of "
                            + RingSettings.PATH
                            + " ("
                            + inFlight
                            + ") is needed");
        }
        return new HostSettings(
                IoMode.of(host.getString("io")),
                host.getInt("pool.threads"),
                host.getInt("pool.queue-limit-tasks"),
                outstanding,
                host.getInt("deadly-limit-deaths"),
                host.getDuration("auto.slow-threshold"),
                host.getDuration("auto.stall-threshold"));
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
