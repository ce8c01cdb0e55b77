package io.chainring.gateway.nbd;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** What a listener on TCP has opened, in words. */
public final class NbdAddress {
    private NbdAddress() {}

    /**
     * @param asked the address that was asked for
     * @param bound what the kernel made of it
     */
    static String describe(InetSocketAddress asked, SocketAddress bound) {
        int port =
                bound instanceof InetSocketAddress internet ? internet.getPort() : asked.getPort();
        InetAddress address = asked.getAddress();
        String host = address.getHostAddress();
        return (address instanceof Inet4Address ? host : "[" + host + "]")
                + ":"
                + port
                + (reach(asked).isEmpty() ? "" : " (" + reach(asked) + ")");
    }

    /** Who is meant by an address that stands for many; empty for a plain one. */
    public static String reach(InetSocketAddress address) {
        if (!address.getAddress().isAnyLocalAddress()) {
            return "";
        }
        return address.getAddress() instanceof Inet4Address
                ? "every IPv4 address of this machine, none of IPv6"
                : "every IPv6 and IPv4 address of this machine";
    }
}
