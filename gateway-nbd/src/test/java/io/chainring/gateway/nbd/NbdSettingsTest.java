package io.chainring.gateway.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NbdSettingsTest {
    @Test
    void defaultsAreThoseOfTheReference() {
        NbdSettings settings = TestServer.settings("");
        assertEquals(32 << 20, settings.maxPayloadBytes());
        assertEquals(8 << 20, settings.maxHeldBytes());
        assertEquals(256, settings.maxConnections());
        assertEquals(TlsMode.OFF, settings.tlsMode());
        assertEquals(List.of("TLSv1.3", "TLSv1.2"), settings.tlsProtocols());
        assertNull(settings.idleTimeout());
        assertNull(settings.certificate());
    }

    @Test
    void valuesAreRead() {
        NbdSettings settings =
                TestServer.settings(
                        """
                chainring.nbd { idle-timeout = 5 minutes, max-payload-size = 1 MiB
                  tls { mode = required, certificate = "a.pem", private-key = "b.pem" } }
                """);
        assertEquals(Duration.ofMinutes(5), settings.idleTimeout());
        assertEquals(1 << 20, settings.maxPayloadBytes());
        assertEquals(TlsMode.REQUIRED, settings.tlsMode());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "max-connections = 0",
                "max-payload-size = 1000000",
                "max-payload-size = 1 TiB",
                "max-option-size = 100",
                "handshake-timeout = 0s",
                "handshake-timeout = 30 days",
                "tcp-keep-alive.probes = 200",
                "tls.protocols = [SSLv3]",
                "tls.mode = maybe",
                "tls.mode = on"
            })
    void valuesOutOfRangeAreNamed(String setting) {
        IllegalArgumentException e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> TestServer.settings("chainring.nbd." + setting));
        String name = setting.substring(0, setting.indexOf(' '));
        assertTrue(e.getMessage().contains("chainring.nbd." + name), e.getMessage());
    }
}
