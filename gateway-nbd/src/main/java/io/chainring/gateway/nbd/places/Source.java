package io.chainring.gateway.nbd.places;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * What counts as one source of connections: an IPv4 address, the first 64 bits of an IPv6 address (a host chooses the
 * others as it likes), on unix sockets the user at the other end (SO_PEERCRED, unix(7)).
 */
public final class Source {
    private static final int IPV6_NETWORK_BYTES = 8;

    private Source() {}

    /** Where a client that was just accepted comes from, as text for people. */
    public static String of(Channel client) {
        if (client instanceof EpollDomainSocketChannel unix) {
            return user(unix);
        }
        return client.remoteAddress() instanceof InetSocketAddress remote
                ? of(remote.getAddress())
                : "unknown";
    }

    private static String user(EpollDomainSocketChannel unix) {
        try {
            return "user " + Integer.toUnsignedString(unix.peerCredentials().uid());
        } catch (IOException e) {
            // It has gone already; all such share their places.
            return "unknown user";
        }
    }

    static String of(InetAddress address) {
        if (!(address instanceof Inet6Address) || address.isLoopbackAddress()) {
            return address.getHostAddress();
        }
        byte[] network = address.getAddress();
        Arrays.fill(network, IPV6_NETWORK_BYTES, network.length, (byte) 0);
        try {
            return InetAddress.getByAddress(network).getHostAddress() + "/64";
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of another length than its own", e);
        }
    }
}
