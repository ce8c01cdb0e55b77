package io.chainring.chaos.nbd;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * Where a disk is served: {@code nbd://host:port/export} or {@code nbd+unix:///export?socket=path}, without TLS.
 *
 * <p>Source: doc/uri.md of the NBD project.
 *
 * @param server to connect to
 * @param export name of the disk; empty: the default one
 */
public record NbdAddress(SocketAddress server, String export) {
    private static final int PORT = 10809;
    private static final String SOCKET = "socket=";

    /** @throws IllegalArgumentException one line that says what is wrong */
    public static NbdAddress parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("'" + text + "' is no NBD URI", e);
        }
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        String export = decoded(path.startsWith("/") ? path.substring(1) : path);
        if ("nbd".equals(uri.getScheme()) && uri.getHost() != null) {
            int port = uri.getPort() < 0 ? PORT : uri.getPort();
            String host = uri.getHost().replaceAll("^\\[|]$", "");
            return new NbdAddress(new InetSocketAddress(host, port), export);
        }
        if ("nbd+unix".equals(uri.getScheme()) && uri.getRawQuery() != null) {
            for (String each : uri.getRawQuery().split("&", -1)) {
                if (each.startsWith(SOCKET) && each.length() > SOCKET.length()) {
                    String socket = decoded(each.substring(SOCKET.length()));
                    return new NbdAddress(UnixDomainSocketAddress.of(socket), export);
                }
            }
        }
        throw new IllegalArgumentException(
                "'%s': nbd://HOST:PORT/NAME or nbd+unix:///NAME?socket=PATH is expected"
                        .formatted(text));
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return server + (export.isEmpty() ? "" : " export " + export);
    }
}
