package io.chainring.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.chainring.registry.name.DeviceName;
import io.chainring.registry.name.NameScheme;
import io.chainring.registry.rules.RegistrySettings;
import io.chainring.registry.rules.ReusePolicy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistrySettingsTest {
    private static RegistrySetup with(String setting) {
        return RegistrySetup.of(
                ConfigFactory.parseString("chainring.registry." + setting)
                        .withFallback(ConfigFactory.load()));
    }

    @Test
    void hasDefaults() {
        RegistrySetup setup = RegistrySetup.of(ConfigFactory.load());
        assertEquals(
                new RegistrySettings(
                        ReusePolicy.STICKY,
                        Duration.ofHours(1),
                        List.of(NameScheme.VD, NameScheme.SD, NameScheme.XVD, NameScheme.WINDOWS),
                        Set.of(
                                DeviceName.parse("vda"),
                                DeviceName.parse("sda"),
                                DeviceName.parse("xvda"),
                                DeviceName.parse("C:")),
                        16_384,
                        4_096),
                setup.settings());
        assertEquals("disk-registry", setup.persistenceId());
        assertEquals(2_000, setup.snapshotEveryEvents());
        assertEquals(4_096, setup.waitingLimitRequests());
    }

    @Test
    void takesWhatIsSaid() {
        assertEquals(ReusePolicy.LOWEST_FREE, with("policy = lowest-free").settings().policy());
        assertEquals(ReusePolicy.QUARANTINE, with("policy = quarantine").settings().policy());
        assertEquals(
                NameScheme.WINDOWS, with("schemes = [windows, vd]").settings().defaultScheme());
        assertEquals(Set.of(), with("reserved-names = []").settings().reservedNames());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "policy = never",
                "quarantine = -1 s",
                "schemes = []",
                "schemes = [hd]",
                "schemes = [vd, vd]",
                "reserved-names = [root]",
                "disk-limit = 0",
                "disk-limit = 2000000",
                "request-id-limit = 0",
                "waiting-limit-requests = 0",
                "snapshot-every-events = 0",
                "restart-backoff-first = 0 s",
                "restart-backoff-longest = 1 ms"
            })
    void refusesNonsenseAndNamesTheSetting(String setting) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> with(setting));
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith("chainring.registry"), message);
        assertTrue(message.contains(setting.substring(0, setting.indexOf(' '))), message);
        assertEquals(1, message.lines().count(), message);
    }
}
