package io.chainring.node.http;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The names under which a server answers. A page of a stranger can make its own name lead to this server's address (DNS
 * rebinding), and a browser then lets it read the answers; but it sends that name in {@code Host}.
 *
 * <pre>
 *   TCP          the address and port that the client is connected to, the name in the setting, localhost on loopback
 *   unix socket  chainring, localhost; no browser gets there
 *   always       chainring.node.control.host-names
 * </pre>
 *
 * Source: RFC 9110, sections 4.2.3 (comparison), 7.2 (Host) and 15.5.20 (421). Immutable.
 */
final class HostNames {
    private static final Pattern FORM =
            Pattern.compile("(\\[[0-9a-f:.]{2,45}\\]|[^\\s\\[\\]:/@?#]{1,255})(?::([0-9]{1,5}))?");
    private static final String DEFAULT_PORT = "80";

    private final Set<String> allowed;
    private final @Nullable String ownName;
    private final boolean unix;

    private HostNames(Set<String> allowed, @Nullable String ownName, boolean unix) {
        this.allowed = allowed;
        this.ownName = ownName;
        this.unix = unix;
    }

    /**
     * Of a server.
     *
     * @param listens as it was told
     * @param further see {@link HttpLimits#hostNames}
     */
    static HostNames of(SocketAddress listens, List<String> further) {
        return new HostNames(
                further.stream().collect(Collectors.toUnmodifiableSet()),
                listens instanceof InetSocketAddress ip ? normal(ip.getHostString()) : null,
                !(listens instanceof InetSocketAddress));
    }

    /**
     * A name of the setting.
     *
     * @return as it is compared
     * @throws IllegalArgumentException what is expected
     */
    static String checked(String text) {
        String name = normal(text);
        if (!FORM.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a name or address is expected, with a port or without: metrics.example.org, [fe80::1]:9400");
        }
        return name;
    }

    private static String normal(String text) {
        return text.toLowerCase(Locale.ROOT).replaceFirst("\\.(?=:[0-9]+$|$)", "");
    }

    /**
     * Whether a request is meant for this server.
     *
     * @param host the header
     * @param local the address that the client is connected to
     */
    boolean isOurs(String host, SocketAddress local) {
        String asked = normal(host.strip());
        Matcher form = FORM.matcher(asked);
        if (!form.matches()) {
            return false;
        }
        String name = form.group(1);
        if (allowed.contains(asked) || allowed.contains(name)) {
            return true;
        }
        if (unix) {
            return name.equals("chainring") || name.equals("localhost");
        }
        String port = form.group(2) == null ? DEFAULT_PORT : form.group(2);
        return local instanceof InetSocketAddress ip
                && Integer.parseInt(port) == ip.getPort()
                && (name.equals(ownName)
                        || (name.equals("localhost") && ip.getAddress().isLoopbackAddress())
                        || ip.getAddress().equals(address(name)));
    }

    private static @Nullable InetAddress address(String literal) {
        byte[] octets = NetUtil.createByteArrayFromIpAddressString(literal);
        try {
            return octets == null ? null : InetAddress.getByAddress(octets);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + octets.length + " bytes", e);
        }
    }
}
