package io.chainring.registry;

import com.typesafe.config.Config;
import io.chainring.base.fault.FaultPoints;
import io.chainring.base.settings.Settings;
import io.chainring.registry.rules.RegistrySettings;
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
 * @param points where it dies when somebody wants it to
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
        InstantSource clock,
        FaultPoints<RegistryPoint, RegistryKilledException> points) {

    /** One that nobody kills. */
    public RegistrySetup(
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
        this(
                persistenceId,
                settings,
                journalPluginId,
                snapshotPluginId,
                runtimeConfig,
                snapshotEveryEvents,
                waitingLimitRequests,
                backoffFirst,
                backoffLongest,
                clock,
                new FaultPoints<>(RegistryPoint.class));
    }

    /** The id of a node's one registry. */
    public static final String PERSISTENCE_ID = "disk-registry";

    private static final int MOST = 1 << 20;
    private static final Duration LONGEST = Duration.ofDays(1);

    /**
     * Reads and checks {@code chainring.registry}; with the system's clock.
     *
     * @param config an ActorSystem's whole configuration
     * @throws io.chainring.base.settings.InvalidSettingException when a setting is out of its range; the message names it
     */
    public static RegistrySetup of(Config config) {
        Settings registry = Settings.at(config, RegistrySettings.PATH);
        Duration first = registry.duration("restart-backoff-first", Duration.ofMillis(1), LONGEST);
        return new RegistrySetup(
                PERSISTENCE_ID,
                RegistrySettings.of(config),
                registry.text("journal-plugin"),
                registry.text("snapshot-plugin"),
                null,
                registry.number("snapshot-every-events", 1, MOST),
                registry.number("waiting-limit-requests", 1, MOST),
                first,
                registry.duration("restart-backoff-longest", first, LONGEST),
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
                clock,
                points);
    }
}
