package io.chainring.ring.supervise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.ring.frontend.RingShape;
import io.chainring.ring.turn.BackendLimits;
import io.chainring.ring.turn.CrashPolicy;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with a setting is said at start, with a name that stands in reference.conf. */
class RingSettingsTest {
    private static final Config REFERENCE = ConfigFactory.load();

    private static RingSettings with(String setting) {
        return RingSettings.of(
                ConfigFactory.parseString("chainring.ring { " + setting + " }")
                        .withFallback(REFERENCE));
    }

    @Test
    void theDefaultsAreThoseOfTheReference() {
        RingSettings settings = with("");
        assertEquals(RingShape.DEFAULT, settings.shape());
        assertEquals(BackendLimits.DEFAULT, settings.limits());
        assertEquals(65536, settings.queueLimitRequests());
        assertNull(settings.outageLimit());
    }

    @Test
    void takesWhatIsSaid() {
        assertEquals(CrashPolicy.ABANDON, with("crash-policy = Abandon").limits().crashPolicy());
        assertEquals(Duration.ofMinutes(1), with("outage-limit = 60 s").outageLimit());
        assertEquals(
                Duration.ofMillis(50), with("restart-backoff-longest = 50ms").backoffLongest());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "size-descriptors = 2",
                "size-descriptors = 500",
                "payload-limit = 4 KiB",
                "batch-limit-chains = 0",
                "in-flight-limit-chains = 0",
                "waiting-limit-chains = 70000",
                "ring-limit = 0",
                "ring-limit = 5000",
                "chain-limit = 0",
                "chain-limit-segments = 2",
                "crash-policy = never",
                "poison-limit-attempts = 0",
                "restart-backoff-first = 0 ms",
                "restart-backoff-first = 10 s",
                "restart-backoff-longest = 1 ms",
                "outage-limit = 0 s",
                "outage-limit = soon",
                "snapshot-every-turns = 0",
                "client.queue-limit-requests = 0"
            })
    void refusesNonsenseAndNamesTheSetting(String setting) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> with(setting));
        String message = String.valueOf(e.getMessage());
        String path = message.substring(0, message.indexOf(setting.contains("soon") ? ':' : ' '));
        assertTrue(REFERENCE.hasPath(path), message);
        assertTrue(path.startsWith("chainring.ring."), message);
        assertEquals(1, message.lines().count(), message);
    }
}
