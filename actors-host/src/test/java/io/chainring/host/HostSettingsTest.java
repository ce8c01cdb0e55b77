package io.chainring.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HostSettingsTest {
    private static HostSettings with(String setting) {
        return HostSettings.from(
                ConfigFactory.parseString("chainring.host." + setting)
                        .withFallback(ConfigFactory.load()));
    }

    @Test
    void hasDefaults() {
        HostSettings defaults = HostSettings.from(ConfigFactory.load());
        assertEquals(
                new HostSettings(
                        IoMode.AUTO,
                        4,
                        256,
                        65536,
                        3,
                        Duration.ofNanos(300_000),
                        Duration.ofMillis(20)),
                defaults);
    }

    @Test
    void refusesNonsenseAndNamesTheSetting() {
        assertEquals(IoMode.POOL, with("io = pool").io());
        for (String setting :
                new String[] {
                    "io = sometimes",
                    "pool.threads = 0",
                    "pool.threads = 1000",
                    "pool.queue-limit-tasks = -1",
                    "outstanding-limit-chains = 0",
                    "outstanding-limit-chains = 2047",
                    "deadly-limit-deaths = 0",
                    "auto.slow-threshold = 1s"
                }) {
            IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> with(setting));
            assertTrue(
                    String.valueOf(e.getMessage()).startsWith("chainring.host."), e.getMessage());
        }
    }
}
