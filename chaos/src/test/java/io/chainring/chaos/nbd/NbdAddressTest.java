package io.chainring.chaos.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NbdAddressTest {
    @Test
    void addressesAreThoseOfNbdsUris() {
        assertEquals(
                new NbdAddress(new InetSocketAddress("127.0.0.1", 10809), ""),
                NbdAddress.parse("nbd://127.0.0.1"));
        assertEquals(
                new NbdAddress(new InetSocketAddress("127.0.0.1", 1234), "a b+c"),
                NbdAddress.parse("nbd://127.0.0.1:1234/a%20b+c"));
        assertEquals(
                new NbdAddress(new InetSocketAddress("::1", 10809), "x"),
                NbdAddress.parse("nbd://[::1]/x"));
        assertEquals(
                new NbdAddress(UnixDomainSocketAddress.of("/tmp/a b.sock"), "disk0"),
                NbdAddress.parse("nbd+unix:///disk0?socket=/tmp/a%20b.sock"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "127.0.0.1:10809",
                "nbds://127.0.0.1",
                "nbd+unix:///disk0",
                "nbd:",
                "nbd://a b"
            })
    void othersAreRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> NbdAddress.parse(text));
    }
}
