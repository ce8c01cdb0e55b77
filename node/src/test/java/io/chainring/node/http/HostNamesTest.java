package io.chainring.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostNamesTest {
    private static final SocketAddress UNIX = UnixDomainSocketAddress.of("/x");

    private static boolean isOurs(String host, SocketAddress listens, SocketAddress local) {
        List<String> further =
                List.of(HostNames.checked("Proxy.Example."), HostNames.checked("tunnel:8080"));
        return HostNames.of(listens, further).isOurs(host, local);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:9400, true",
        "localhost:9400, true",
        "LOCALHOST:9400, true",
        "localhost.:9400, true",
        "proxy.example, true",
        "PROXY.example.:1, true",
        "tunnel:8080, true",
        "tunnel, false",
        "tunnel:8081, false",
        "127.0.0.1, false",
        "127.0.0.1:9401, false",
        "127.0.0.2:9400, false",
        "localhost, false",
        "evil.example:9400, false",
        "127.0.0.1.evil.example:9400, false",
        "localhost:9400@evil.example, false",
        "x@127.0.0.1:9400, false",
        "[::1]:9400, false",
        "127.0.0.1:, false",
        "127.0.0.1:99999, false",
        "127.1:9400, false",
        "'', false"
    })
    void onLoopbackOnlyItsOwnNamesAndThoseOfTheSetting(String host, boolean ours) {
        InetSocketAddress local = new InetSocketAddress("127.0.0.1", 9400);
        assertEquals(ours, isOurs(host, local, local));
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.7:9400, true",
        "node7:9400, true",
        "0.0.0.0:9400, false",
        "localhost:9400, false",
        "node7, false",
        "10.0.0.8:9400, false"
    })
    void elsewhereTheAddressThatTheClientIsConnectedTo(String host, boolean ours) {
        InetSocketAddress listens = InetSocketAddress.createUnresolved("Node7", 9400);
        assertEquals(ours, isOurs(host, listens, new InetSocketAddress("10.0.0.7", 9400)));
    }

    @ParameterizedTest
    @CsvSource({
        "[::1]:9400, true",
        "[0:0:0:0:0:0:0:1]:9400, true",
        "[::2]:9400, false",
        "::1, false"
    })
    void addressesOfTheOtherKindStandInBrackets(String host, boolean ours) {
        InetSocketAddress local = new InetSocketAddress("::1", 9400);
        assertEquals(ours, isOurs(host, new InetSocketAddress("::", 9400), local));
    }

    @Test
    void withoutAPortItIsTheUsualOne() {
        InetSocketAddress local = new InetSocketAddress("127.0.0.1", 80);
        assertEquals(true, isOurs("localhost", local, local));
    }

    @ParameterizedTest
    @CsvSource({"chainring, true", "localhost, true", "localhost:1, true", "evil.example, false"})
    void aUnixSocketHasTwoNames(String host, boolean ours) {
        assertEquals(ours, isOurs(host, UNIX, UNIX));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "http://a", "a/b", "a:b", "::1", "a\n"})
    void aNameOfTheSettingIsChecked(String name) {
        assertThrows(IllegalArgumentException.class, () -> HostNames.checked(name));
    }
}
