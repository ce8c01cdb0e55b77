package io.chainring.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.typesafe.config.ConfigFactory;
import io.chainring.gateway.nbd.setup.NbdSettings;
import io.chainring.node.http.HostPort;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whom the first lines of a node warn of. */
class WhoGetsInTest {
    private static final String TLS =
            "tls { mode = required, certificate = c, private-key = k, client-authorities = \"%s\" }";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "127.0.0.1:1 | ''       | Every user of this machine can read and write these disks at 127.0.0.1:1.",
                "[::1]:1     | ''       | Every user of this machine",
                "127.0.0.1:1 | tls      | Every user of this machine",
                "127.0.0.1:1 | both     | ''",
                "127.0.0.1:1 | keys     | ''",
                "192.0.2.1:1 | keys     | ''",
                "127.0.0.1:1 | rules    | ''",
                "192.0.2.1:1 | ''       | Whoever reaches 192.0.2.1:1 can read and write these disks, and so",
                "192.0.2.1:1 | tls      | Whoever reaches 192.0.2.1:1 can read and write these disks; clients show",
                "192.0.2.1:1 | both     | ''",
                "0.0.0.0:1   | both     | 0.0.0.0:1 means every IPv4 address of this machine, none of IPv6.",
                "[::]:1      | rules    | [0:0:0:0:0:0:0:0]:1 means every IPv6 and IPv4 address of this machine.",
            })
    void saysItInOneLine(String address, String kept, String begins) {
        String settings =
                switch (kept) {
                    case "tls" -> TLS.formatted("");
                    case "keys" -> "tls { mode = required, psk-file = keys.psk }";
                    case "both" -> TLS.formatted("ca.pem");
                    case "rules" -> "access.rules = rules.conf";
                    default -> "access.plain-tcp-beyond-loopback = on";
                };
        List<String> lines =
                WhoGetsIn.lines(
                        HostPort.parse(address),
                        new NbdSettings(
                                ConfigFactory.parseString("chainring.nbd { " + settings + " }")
                                        .withFallback(ConfigFactory.defaultReference())),
                        "data/nbd.sock");
        assertEquals(begins.isEmpty() ? 0 : 1, lines.size(), lines::toString);
        if (!begins.isEmpty()) {
            assertEquals(
                    begins,
                    lines.get(0).substring(0, Math.min(begins.length(), lines.get(0).length())));
        }
    }
}
