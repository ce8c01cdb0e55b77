package io.chainring.gateway.nbd.protocol;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * NBD URIs, as clients take them: {@code nbd://host:port/export} and {@code nbd+unix:///export?socket=path}, {@code nbds} for
 * TLS. Export and path are percent-encoded in UTF-8.
 *
 * <p>Source: doc/uri.md of the NBD project; RFC 3986, sections 2.1 to 2.3.
 */
public final class NbdUri {
    private static final String UNRESERVED = "-._~";

    private NbdUri() {}

    /**
     * Of an address.
     *
     * @param export empty: the default one
     * @param encrypted the client shall use TLS, or nothing
     */
    public static String of(InetSocketAddress address, String export, boolean encrypted) {
        InetAddress ip = address.getAddress();
        String host = ip == null ? address.getHostString() : ip.getHostAddress();
        if (ip instanceof Inet6Address) {
            host = "[" + host.replace("%", "%25") + "]";
        }
        String server = (encrypted ? "nbds://" : "nbd://") + host + ":" + address.getPort();
        return export.isEmpty() ? server : server + "/" + encoded(export, "");
    }

    /** As the other, of a unix socket; its path is made absolute. */
    public static String of(Path socket, String export, boolean encrypted) {
        return (encrypted ? "nbds+unix:///" : "nbd+unix:///")
                + encoded(export, "")
                + "?socket="
                + encoded(socket.toAbsolutePath().toString(), "/");
    }

    /** The same, for a client that shows a pre-shared key of that name. */
    public static String withUser(String uri, String name) {
        return uri.replace("://", "://" + encoded(name, "") + "@");
    }

    /** The same, with a file or folder that the client is to read. */
    public static String withFile(String uri, String parameter, String path) {
        return uri + (uri.contains("?") ? "&" : "?") + parameter + "=" + encoded(path, "/");
    }

    private static String encoded(String text, String alsoPlain) {
        StringBuilder all = new StringBuilder();
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            char character = (char) (octet & 0xFF);
            if ((character >= 'a' && character <= 'z')
                    || (character >= 'A' && character <= 'Z')
                    || (character >= '0' && character <= '9')
                    || UNRESERVED.indexOf(character) >= 0
                    || alsoPlain.indexOf(character) >= 0) {
                all.append(character);
            } else {
                all.append(String.format(Locale.ROOT, "%%%02X", octet & 0xFF));
            }
        }
        return all.toString();
    }
}
