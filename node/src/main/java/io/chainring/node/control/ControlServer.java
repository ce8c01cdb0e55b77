package io.chainring.node.control;

import io.chainring.node.StartException;
import io.chainring.node.http.HttpLimits;
import io.chainring.node.http.HttpServer;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control socket of a node: {@link ControlPages} over a unix socket that only its owner may use (mode 0600).
 */
public final class ControlServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);

    /** Room in {@code sockaddr_un.sun_path}, less the closing NUL (unix(7)), less what a new socket's name has more. */
    private static final int MAX_PATH_BYTES = 107 - 2;

    /** Less than the client's limits, so that it hears why. */
    private static final Duration LIMIT = ControlClient.LIMIT.minusSeconds(3);

    private static final Duration ACTION_LIMIT = ControlClient.ACTION_LIMIT.minusSeconds(30);

    private final Path socket;
    private final HttpServer server;

    private ControlServer(Path socket, HttpServer server) {
        this.socket = socket;
        this.server = server;
    }

    /**
     * Listens on a socket; what a killed node left there is replaced. The caller holds the lock of the data
     * directory, so nobody else listens there.
     *
     * @throws StartException one line
     */
    public static ControlServer start(Path socket, HttpLimits limits, NodeControl node)
            throws StartException {
        checkLength(socket);
        try {
            return new ControlServer(
                    socket, bind(socket, limits, new ControlPages(node, LIMIT, ACTION_LIMIT)));
        } catch (IOException e) {
            throw new StartException(
                    "control socket " + socket + " cannot be made: " + e.getMessage(), e);
        }
    }

    private static void checkLength(Path socket) throws StartException {
        int lengthBytes = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (lengthBytes > MAX_PATH_BYTES) {
            throw new StartException(
                    String.format(
                            "control socket %s: a path of %s bytes is too long for a unix socket (at "
                                    + "most %s); choose a shorter data directory, or a relative one",
                            socket, lengthBytes, MAX_PATH_BYTES));
        }
    }

    /** Made in a folder that is closed to others, so that nobody can connect before its mode is right. */
    private static HttpServer bind(Path socket, HttpLimits limits, ControlPages pages)
            throws IOException {
        Path folder = socket.resolveSibling("control.new");
        Path made = folder.resolve("s");
        // Of a start that was cut short; what a link leads to is not ours.
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.deleteIfExists(made);
        }
        Files.deleteIfExists(folder);
        Files.createDirectory(
                folder,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        HttpServer server =
                HttpServer.start("control", UnixDomainSocketAddress.of(made), limits, pages);
        boolean placed = false;
        try {
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
            Files.move(
                    made,
                    socket,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            Files.delete(folder);
            placed = true;
            return server;
        } finally {
            if (!placed) {
                server.close();
            }
        }
    }

    /** Listens no more and removes the socket. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            LOG.warn("control socket {} stays behind: {}", socket, e.getMessage());
        }
        server.close();
    }
}
