package io.chainring.gateway.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.gateway.nbd.setup.NbdSettings;
import io.chainring.gateway.nbd.setup.TlsMode;
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
        assertEquals(TlsMode.OFF, settings.tls().mode());
        assertEquals(List.of("TLSv1.3", "TLSv1.2"), settings.tls().protocols());
        assertNull(settings.idleTimeout());
        assertNull(settings.tls().certificate());
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
        assertEquals(TlsMode.REQUIRED, settings.tls().mode());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "max-connections = 0",
                "max-payload-size = 1000000",
                "max-payload-size = 1 TiB",
                "max-option-size = 100",
                "handshake-timeout = 0s",
                "opening-timeout = 0s",
                "tcp-keep-alive.idle = 10 hours",
                "handshake-timeout = 30 days",
                "tcp-keep-alive.probes = 200",
                "unix-socket-mode = 0999",
                "unix-socket-mode = rw-rw----",
                "unix-socket-mode = 0660660",
                "tls.protocols = [SSLv3]",
                "tls.mode = maybe",
                "tls.mode = on",
                "tls.handshake-threads = 0",
                "tls.revocations = crl.pem",
                "tls { psk-file = keys.psk, certificate = a.pem, private-key = b.pem }",
                "tls { psk-file = keys.psk, client-authorities = ca.pem }",
                "reload-interval = 0s",
                "access.plain-tcp-beyond-loopback = maybe"
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
