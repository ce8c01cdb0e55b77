package io.chainring.host.registry;

import com.typesafe.config.Config;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link DiskRegistry} is made with.
 *
 * @param persistenceId the registry's id in the journal; never changes
 * @param settings of its decisions
 * @param journalPluginId "" for the ActorSystem's default
 * @param snapshotPluginId "" for the ActorSystem's default
 * @param runtimeConfig configuration that holds the plugins when the ActorSystem's does not; null when it does
 * @param snapshotEveryEvents events between snapshots
 * @param waitingLimitRequests most commands that wait for their turn
 * @param backoffFirst wait before the first restart after a failure
 * @param backoffLongest longest wait
 * @param clock the time of decisions
 */
public record RegistrySetup(
        String persistenceId,
        RegistrySettings settings,
        String journalPluginId,
        String snapshotPluginId,
        @Nullable Config runtimeConfig,
        int snapshotEveryEvents,
        int waitingLimitRequests,
        Duration backoffFirst,
        Duration backoffLongest,
        InstantSource clock) {

    /** The id of a node's one registry. */
    public static final String PERSISTENCE_ID = "disk-registry";

    /** Checks the numbers. */
    public RegistrySetup {
        check("snapshot-every-events", snapshotEveryEvents);
        check("waiting-limit-requests", waitingLimitRequests);
        if (backoffFirst.isNegative()
                || backoffFirst.isZero()
                || backoffLongest.compareTo(backoffFirst) < 0) {
            throw new IllegalArgumentException(
                    RegistrySettings.PATH
                            + ": restart-backoff-first = "
                            + backoffFirst
                            + " must be positive and not above restart-backoff-longest = "
                            + backoffLongest);
        }
    }

    private static void check(String name, int value) {
        if (value < 1 || value > 1 << 20) {
            throw new IllegalArgumentException(
                    RegistrySettings.PATH
                            + "."
                            + name
                            + " = "
                            + value
                            + ": allowed are 1 to "
                            + (1 << 20));
        }
    }

    /**
     * Reads and checks {@code chainring.registry}; with the system's clock.
     *
     * @param config an ActorSystem's whole configuration
     * @throws IllegalArgumentException when a setting is out of its range; the message names it
     */
    public static RegistrySetup of(Config config) {
        Config registry = config.getConfig(RegistrySettings.PATH);
        return new RegistrySetup(
                PERSISTENCE_ID,
                RegistrySettings.of(config),
                registry.getString("journal-plugin"),
                registry.getString("snapshot-plugin"),
                null,
                registry.getInt("snapshot-every-events"),
                registry.getInt("waiting-limit-requests"),
                registry.getDuration("restart-backoff-first"),
                registry.getDuration("restart-backoff-longest"),
                InstantSource.system());
    }

    /** The same with another journal. */
    public RegistrySetup withJournal(
            String journalPlugin, String snapshotPlugin, @Nullable Config config) {
        return new RegistrySetup(
                persistenceId,
                settings,
                journalPlugin,
                snapshotPlugin,
                config,
                snapshotEveryEvents,
                waitingLimitRequests,
                backoffFirst,
                backoffLongest,
                clock);
    }

    /** The same with another clock. */
    public RegistrySetup withClock(InstantSource other) {
        return new RegistrySetup(
                persistenceId,
                settings,
                journalPluginId,
                snapshotPluginId,
                runtimeConfig,
                snapshotEveryEvents,
                waitingLimitRequests,
                backoffFirst,
                backoffLongest,
                other);
    }
}
