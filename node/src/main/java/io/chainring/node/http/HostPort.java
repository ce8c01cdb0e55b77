package io.chainring.node.http;

import java.net.InetSocketAddress;

/** {@code HOST:PORT} as people write it: {@code 127.0.0.1:10809}, {@code localhost:0}, {@code [::1]:10809}. */
public final class HostPort {
    private HostPort() {}

    /**
     * @return the address; unresolved when the host name is unknown
     * @throws IllegalArgumentException one line that says what is wrong
     */
    public static InetSocketAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.indexOf(':') >= 0) {
            throw wrong(text);
        }
        String digits = text.substring(colon + 1);
        if (host.isEmpty() || !digits.matches("[0-9]{1,5}")) {
            throw wrong(text);
        }
        int port = Integer.parseInt(digits);
        if (port > 65535) {
            throw new IllegalArgumentException(
                    "address '" + text + "': port " + port + " is above 65535");
        }
        return new InetSocketAddress(host, port);
    }

    /** As {@link #parse} reads it. */
    public static String format(InetSocketAddress address) {
        String host =
                address.isUnresolved()
                        ? address.getHostString()
                        : address.getAddress().getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException(
                "address '"
                        + text
                        + "': HOST:PORT is expected, such as 127.0.0.1:10809 or [::1]:10809");
    }
}
