package io.chainring.node.memory;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.gateway.nbd.setup.NbdSettings;
import io.chainring.node.StartException;
import io.chainring.node.http.HttpLimits;
import io.chainring.ring.frontend.RingShape;
import org.junit.jupiter.api.Test;

/** The sum of what others can make a node hold has all of its parts. */
class MemoryPartsTest {
    private static final long MEBIBYTE = 1 << 20;
    private static final String TLS =
            "chainring.nbd.tls { mode = required, certificate = c.pem, private-key = k.pem }";

    private static MemoryParts parts(String settings) {
        Config config =
                ConfigFactory.parseString(settings).withFallback(ConfigFactory.load()).resolve();
        return MemoryParts.of(
                config, RingShape.DEFAULT, new NbdSettings(config), HttpLimits.from(config), 2);
    }

    private static String refusal(MemoryParts parts, long directBytes, long heapBytes) {
        return String.valueOf(
                assertThrows(StartException.class, () -> parts.check(directBytes, heapBytes))
                        .getMessage());
    }

    @Test
    void objectsOfConnectionsCountAndThoseOfTlsToo() {
        String plain = refusal(parts(""), Long.MAX_VALUE, MEBIBYTE);
        assertTrue(plain.contains("objects of connections 24 MiB"), plain);
        String encrypted = refusal(parts(TLS), Long.MAX_VALUE, MEBIBYTE);
        assertTrue(encrypted.contains("objects of connections 40 MiB"), encrypted);
        assertTrue(encrypted.contains("raise -Xmx"), encrypted);
    }

    /** Half of what -Xmx160m leaves, as ./chainring has it. */
    @Test
    void whatTheLauncherGivesIsEnoughForTls() {
        assertDoesNotThrow(() -> parts(TLS).check(Long.MAX_VALUE, 77 * MEBIBYTE));
    }

    @Test
    void buffersOfTlsCountOutsideOfTheHeap() {
        String plain = refusal(parts(""), 1, Long.MAX_VALUE);
        String encrypted = refusal(parts(TLS), 1, Long.MAX_VALUE);
        assertTrue(plain.contains("buffers of connections"), plain);
        assertTrue(!plain.equals(encrypted), encrypted);
    }
}
