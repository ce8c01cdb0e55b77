package io.chainring.gateway.nbd.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.gateway.nbd.setup.TlsMode;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where disks are served without encryption. */
class PlainTcpTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, OFF, true, OFF",
        "127.8.0.1, OFF, true, OFF",
        "::1, OFF, true, OFF",
        "127.0.0.1, ON, true, ON",
        "127.0.0.1, REQUIRED, true, REQUIRED",
        "0.0.0.0, OFF, false, OFF",
        "::, OFF, false, OFF",
        "192.0.2.1, OFF, false, OFF",
        "192.0.2.1, ON, true, REQUIRED",
        "192.0.2.1, REQUIRED, true, REQUIRED",
        "2001:db8::1, ON, true, REQUIRED",
        "fe80::1, OFF, false, OFF"
    })
    void beyondLoopbackOnlyWithTls(String address, TlsMode mode, boolean listens, TlsMode holds)
            throws Exception {
        InetSocketAddress at = new InetSocketAddress(InetAddress.getByName(address), 10809);
        assertEquals(listens, PlainTcp.mayListen(mode, false, at));
        assertEquals(holds, PlainTcp.mode(mode, false, at));
        assertEquals(true, PlainTcp.mayListen(mode, true, at));
        assertEquals(mode, PlainTcp.mode(mode, true, at));
    }

    @Test
    void unixSocketsAreNotBeyondAndWhatIsUnknownIs() throws Exception {
        assertEquals(TlsMode.ON, PlainTcp.mode(TlsMode.ON, false, new DomainSocketAddress("s")));
        assertEquals(TlsMode.REQUIRED, PlainTcp.mode(TlsMode.ON, false, null));
        byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 127, 0, 0, 1};
        InetAddress loopback = Inet6Address.getByAddress("", mapped, -1);
        assertEquals(
                TlsMode.ON, PlainTcp.mode(TlsMode.ON, false, new InetSocketAddress(loopback, 1)));
        assertEquals(
                false,
                PlainTcp.mayListen(
                        TlsMode.OFF, false, InetSocketAddress.createUnresolved("nowhere", 1)));
    }
}
