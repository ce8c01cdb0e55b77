package io.chainring.host.registry;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Settings of a registry; defaults and consequences are in {@code reference.conf}.
 *
 * @param policy which name a disk gets that asks for none
 * @param quarantine how long a name rests, with policy quarantine
 * @param schemes schemes of names that are given; the first is that of disks that ask for none
 * @param reservedNames names that are never given
 * @param diskLimit most disks, those that are away included
 * @param requestIdLimit most answered requests that are remembered
 */
public record RegistrySettings(
        ReusePolicy policy,
        Duration quarantine,
        List<NameScheme> schemes,
        Set<DeviceName> reservedNames,
        int diskLimit,
        int requestIdLimit) {

    /** Where the settings stand in an ActorSystem's configuration. */
    public static final String PATH = "chainring.registry";

    private static final int DISK_LIMIT_MOST = 1 << 20;
    private static final int REQUEST_ID_LIMIT_MOST = 1 << 20;

    /** Checks every setting. */
    public RegistrySettings {
        if (quarantine.isNegative()) {
            throw new IllegalArgumentException(
                    PATH + ".quarantine = " + quarantine + ": not below 0");
        }
        if (schemes.isEmpty() || schemes.size() != Set.copyOf(schemes).size()) {
            throw new IllegalArgumentException(
                    PATH + ".schemes = " + schemes + ": one or more, each once");
        }
        schemes = List.copyOf(schemes);
        reservedNames = Set.copyOf(reservedNames);
        check("disk-limit", diskLimit, DISK_LIMIT_MOST);
        check("request-id-limit", requestIdLimit, REQUEST_ID_LIMIT_MOST);
    }

    /**
     * Reads and checks the settings.
     *
     * @param config an ActorSystem's whole configuration
     * @throws IllegalArgumentException when one is out of its range; the message names it
     */
    public static RegistrySettings of(Config config) {
        Config registry = config.getConfig(PATH);
        return new RegistrySettings(
                named("policy", () -> ReusePolicy.ofLabel(registry.getString("policy"))),
                registry.getDuration("quarantine"),
                named(
                        "schemes",
                        () ->
                                registry.getStringList("schemes").stream()
                                        .map(NameScheme::ofLabel)
                                        .toList()),
                named(
                        "reserved-names",
                        () ->
                                Set.copyOf(
                                        registry.getStringList("reserved-names").stream()
                                                .map(DeviceName::parse)
                                                .toList())),
                registry.getInt("disk-limit"),
                registry.getInt("request-id-limit"));
    }

    /** The scheme of disks that ask for no name. */
    public NameScheme defaultScheme() {
        return schemes.get(0);
    }

    private static <T> T named(String setting, Supplier<T> reading) {
        try {
            return reading.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(PATH + "." + setting + ": " + e.getMessage(), e);
        }
    }

    private static void check(String name, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(
                    PATH + "." + name + " = " + value + ": allowed are 1 to " + most);
        }
    }
}
