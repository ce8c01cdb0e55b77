package io.chainring.ring.supervise;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.chainring.ring.backend.BackendLimits;
import io.chainring.ring.backend.BackendSetup;
import io.chainring.ring.backend.CrashPolicy;
import io.chainring.ring.frontend.RingShape;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The settings of {@code chainring.ring} in {@code reference.conf}, which says what each means.
 *
 * @param shape of each client's ring
 * @param limits of the backend
 * @param journal plugins and snapshots
 * @param backoffFirst wait before the second restart in a row
 * @param backoffLongest longest wait
 * @param outageLimit null waits for ever
 */
public record RingSettings(
        RingShape shape,
        BackendLimits limits,
        BackendSetup.JournalChoice journal,
        Duration backoffFirst,
        Duration backoffLongest,
        @Nullable Duration outageLimit) {

    /** Where the settings stand in an ActorSystem's configuration. */
    public static final String PATH = "chainring.ring";

    /**
     * Reads and checks the settings.
     *
     * @param config an ActorSystem's whole configuration
     * @throws ConfigException when one is missing or of the wrong type
     * @throws IllegalArgumentException when one is out of its range; the message names it
     */
    public static RingSettings of(Config config) {
        Config ring = config.getConfig(PATH);
        return new RingSettings(
                new RingShape(ring.getInt("size-descriptors"), ring.getBytes("payload-limit")),
                new BackendLimits(
                        ring.getInt("batch-limit-chains"),
                        ring.getInt("in-flight-limit-chains"),
                        ring.getInt("waiting-limit-chains"),
                        ring.getInt("ring-limit"),
                        ring.getBytes("chain-limit"),
                        ring.getInt("chain-limit-segments"),
                        ring.getInt("poison-limit-attempts"),
                        crashPolicy(ring.getString("crash-policy"))),
                new BackendSetup.JournalChoice(
                        ring.getString("journal-plugin"),
                        ring.getString("snapshot-plugin"),
                        null,
                        ring.getInt("snapshot-every-turns")),
                ring.getDuration("restart-backoff-first"),
                ring.getDuration("restart-backoff-longest"),
                "off".equals(ring.getString("outage-limit"))
                        ? null
                        : ring.getDuration("outage-limit"));
    }

    /**
     * A crash policy by its name in configuration and on the command line.
     *
     * @throws IllegalArgumentException naming the choices
     */
    public static CrashPolicy crashPolicy(String name) {
        for (CrashPolicy policy : CrashPolicy.values()) {
            if (policy.name().equalsIgnoreCase(name)) {
                return policy;
            }
        }
        String choices =
                Arrays.stream(CrashPolicy.values())
                        .map(policy -> policy.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", "));
        throw new IllegalArgumentException(
                PATH + ".crash-policy = " + name + ": one of " + choices);
    }

    /** The same with another journal. */
    public RingSettings withJournal(BackendSetup.JournalChoice choice) {
        return new RingSettings(shape, limits, choice, backoffFirst, backoffLongest, outageLimit);
    }

    /** The same with another crash policy. */
    public RingSettings withCrashPolicy(CrashPolicy policy) {
        return new RingSettings(
                shape,
                limits.withCrashPolicy(policy),
                journal,
                backoffFirst,
                backoffLongest,
                outageLimit);
    }
}
