package io.chainring.gateway.nbd;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * The file of a unix socket: what a killed server left behind is taken over, what a living one listens on is refused.
 *
 * <p>A lock file beside it keeps two servers that start at once from taking over each other's.
 */
final class UnixSocketPath {
    /** Room in {@code sockaddr_un.sun_path}, less the closing NUL (unix(7)). */
    private static final int MAX_PATH_BYTES = 107;

    /** Opens the listener. */
    interface Binder {
        void bind() throws NbdBindException;
    }

    private UnixSocketPath() {}

    /**
     * Makes the path free, then binds.
     *
     * @throws NbdBindException when a living server has the path, or something there is not a socket
     */
    static void takeOver(Path socket, Binder binder) throws NbdBindException {
        int lengthBytes = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (lengthBytes > MAX_PATH_BYTES) {
            throw new NbdBindException(
                    "unix socket path "
                            + socket
                            + " has "
                            + lengthBytes
                            + " bytes, at most "
                            + MAX_PATH_BYTES
                            + " are possible: choose a shorter one");
        }
        Path lockFile = Path.of(socket + ".lock");
        try (FileChannel channel =
                        FileChannel.open(
                                lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock == null) {
                throw startingElsewhere(socket);
            }
            removeStale(socket);
            binder.bind();
            Files.deleteIfExists(lockFile);
        } catch (OverlappingFileLockException e) {
            throw startingElsewhere(socket);
        } catch (NbdBindException e) {
            throw e;
        } catch (NoSuchFileException e) {
            throw new NbdBindException("unix socket " + socket + ": its folder does not exist", e);
        } catch (IOException e) {
            throw new NbdBindException(
                    "unix socket " + socket + " cannot be made: " + e.getMessage(), e);
        }
    }

    private static NbdBindException startingElsewhere(Path socket) {
        return new NbdBindException("unix socket " + socket + " is being opened by another server");
    }

    private static void removeStale(Path socket) throws IOException {
        if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        BasicFileAttributes attributes =
                Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!attributes.isOther()) {
            throw new NbdBindException(
                    "unix socket "
                            + socket
                            + ": there is a file or folder of that name that is not "
                            + "a socket; remove it or choose another path");
        }
        if (somebodyListens(socket)) {
            throw new NbdBindException(
                    "unix socket "
                            + socket
                            + " is in use by a running server: stop that one or choose another path");
        }
        Files.delete(socket);
    }

    private static boolean somebodyListens(Path socket) throws IOException {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false);
            probe.connect(UnixDomainSocketAddress.of(socket));
            return true;
        } catch (java.net.ConnectException refused) {
            return false;
        } catch (IOException e) {
            // A full backlog (EAGAIN) is a sign of life, too; other errors must not cost somebody
            // his socket.
            return true;
        }
    }
}
