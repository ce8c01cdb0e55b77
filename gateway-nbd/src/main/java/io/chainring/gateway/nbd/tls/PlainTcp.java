package io.chainring.gateway.nbd.tls;

import io.chainring.gateway.nbd.setup.TlsMode;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Where disks may be served without encryption: to this machine, and to others only when a setting says so. */
public final class PlainTcp {
    private static final int IPV4_IN_IPV6_BYTES = 12;
    private static final byte LOOPBACK_NETWORK = 127;

    private PlainTcp() {}

    /**
     * How strict a connection is.
     *
     * @param mode of the settings
     * @param allowed whether the setting says so
     * @param local where the client reached the server; null when that cannot be told any more
     */
    public static TlsMode mode(TlsMode mode, boolean allowed, @Nullable SocketAddress local) {
        return mode == TlsMode.ON && !allowed && (local == null || beyondLoopback(local))
                ? TlsMode.REQUIRED
                : mode;
    }

    /**
     * Whether a server may listen there.
     *
     * @param mode of the settings
     * @param allowed whether the setting says so
     */
    public static boolean mayListen(TlsMode mode, boolean allowed, SocketAddress address) {
        return mode != TlsMode.OFF || allowed || !beyondLoopback(address);
    }

    /** Whether other machines reach that address; the one that means all addresses is such a one. */
    public static boolean beyondLoopback(SocketAddress address) {
        return address instanceof InetSocketAddress internet
                && (internet.getAddress() == null || !isLoopback(internet.getAddress()));
    }

    private static boolean isLoopback(InetAddress address) {
        return address.isLoopbackAddress()
                || (address instanceof Inet6Address && isMappedLoopback(address.getAddress()));
    }

    /** As a socket of IPv6 may name 127.0.0.1: ::ffff:127.0.0.1. */
    private static boolean isMappedLoopback(byte[] address) {
        for (int i = 0; i < IPV4_IN_IPV6_BYTES; i++) {
            if (address[i] != (i < IPV4_IN_IPV6_BYTES - 2 ? 0 : (byte) 0xff)) {
                return false;
            }
        }
        return address[IPV4_IN_IPV6_BYTES] == LOOPBACK_NETWORK;
    }
}
