package io.chainring.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetSocketAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostPortTest {

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:10809,127.0.0.1:10809",
        "0.0.0.0:0,0.0.0.0:0",
        "[::1]:65535,[0:0:0:0:0:0:0:1]:65535"
    })
    void addresses(String text, String formatted) {
        InetSocketAddress address = HostPort.parse(text);
        assertEquals(formatted, HostPort.format(address));
        assertEquals(address, HostPort.parse(formatted));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "host", ":1", "1:2:3", "host:", "host:x", "host:65536", "host:-1"})
    void noAddresses(String text) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> HostPort.parse(text))
                        .getMessage();
        assertTrue(message.contains("'" + text + "'"), message);
    }
}
