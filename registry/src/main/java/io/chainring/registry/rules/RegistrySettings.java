package io.chainring.registry.rules;

import com.typesafe.config.Config;
import io.chainring.base.settings.Settings;
import io.chainring.registry.name.DeviceName;
import io.chainring.registry.name.NameScheme;
import java.time.Duration;
import java.util.List;
import java.util.Set;

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

    private static final int MOST = 1 << 20;
    private static final Duration LONGEST = Duration.ofDays(36_500);

    /** Copies the lists. */
    public RegistrySettings {
        schemes = List.copyOf(schemes);
        reservedNames = Set.copyOf(reservedNames);
    }

    /**
     * Reads and checks the settings.
     *
     * @param config an ActorSystem's whole configuration
     * @throws io.chainring.base.settings.InvalidSettingException when one is out of its range; the message names it
     */
    public static RegistrySettings of(Config config) {
        Settings registry = Settings.at(config, PATH);
        List<NameScheme> schemes = registry.allParsed("schemes", NameScheme::ofLabel);
        if (schemes.isEmpty() || schemes.size() != Set.copyOf(schemes).size()) {
            throw registry.refused("schemes", schemes, "one or more, each once");
        }
        return new RegistrySettings(
                registry.choice("policy", ReusePolicy.class),
                registry.duration("quarantine", Duration.ZERO, LONGEST),
                schemes,
                Set.copyOf(registry.allParsed("reserved-names", DeviceName::parse)),
                registry.number("disk-limit", 1, MOST),
                registry.number("request-id-limit", 1, MOST));
    }

    /** The scheme of disks that ask for no name. */
    public NameScheme defaultScheme() {
        return schemes.get(0);
    }
}
