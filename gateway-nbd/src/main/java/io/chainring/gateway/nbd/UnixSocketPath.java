package io.chainring.gateway.nbd;

import io.chainring.base.files.FileAccess;
import io.chainring.base.files.FileIdentity;
import io.chainring.base.files.PrivateFiles;
import io.chainring.gateway.nbd.setup.UnixSocketRights;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a unix socket: what a killed server left behind is taken over, what a living one listens on is refused.
 *
 * <pre>
 *   FOLDER/.a1b2/      0700, made for this: nobody can connect before group and mode are right
 *     s                bound here, then linked to its place: fails when something is there
 *     old              what was there and did not answer, moved away and asked once more
 *   FOLDER/SOCKET
 * </pre>
 *
 * Servers that start or stop at once in one folder take turns ({@link FolderLock}). Where the lock cannot be had, a living
 * one still loses no clients: a link is made by one of them, and what one moves away is asked again where nobody else can
 * have put it, and put back if it answers. Nothing but the socket stays.
 */
final class UnixSocketPath {
    private static final Logger LOG = LoggerFactory.getLogger(UnixSocketPath.class);

    /** Room in {@code sockaddr_un.sun_path}, less the closing NUL (unix(7)). */
    private static final int MAX_PATH_BYTES = 107;

    /** What a temporary folder and its socket have behind the folder: {@code /.a1b2/s}. */
    private static final int TEMPORARY_BYTES = 8;

    private static final int TRIES = 10;

    private final Path socket;
    private final FileIdentity identity;

    private UnixSocketPath(Path socket, FileIdentity identity) {
        this.socket = socket;
        this.identity = identity;
    }

    /** Opens the listener. */
    interface Binder {
        void bind(Path socket) throws NbdBindException;
    }

    /**
     * Binds, and puts the socket to its place.
     *
     * @param binder opens the listener at a path that is not the one where the socket ends up
     * @throws NbdBindException when a living server has the path, or something there is not a socket; the listener may be
     *     open then
     */
    static UnixSocketPath takeOver(Path socket, UnixSocketRights rights, Binder binder)
            throws NbdBindException {
        checkLength(socket);
        try (FolderLock turn = turn(socket)) {
            mustNotBeTaken(socket);
            Path folder = PrivateFiles.temporaryFolder(socket);
            Path made = folder.resolve("s");
            try {
                binder.bind(made);
                rights.give(made);
                FileIdentity identity = FileIdentity.of(made);
                place(made, socket, folder.resolve("old"));
                return new UnixSocketPath(socket, identity);
            } finally {
                Files.deleteIfExists(made);
                Files.deleteIfExists(folder);
            }
        } catch (NbdBindException e) {
            throw e;
        } catch (NoSuchFileException e) {
            throw new NbdBindException("unix socket " + socket + ": its folder does not exist", e);
        } catch (IOException e) {
            throw new NbdBindException(
                    "unix socket " + socket + " cannot be made: " + reason(e), e);
        }
    }

    private static FolderLock turn(Path socket) {
        Path folder = socket.toAbsolutePath().getParent();
        return FolderLock.of(folder == null ? socket : folder);
    }

    private static void checkLength(Path socket) throws NbdBindException {
        int lengthBytes = bytes(socket);
        Path folder = socket.getParent();
        int folderBytes = (folder == null ? 1 : bytes(folder)) + TEMPORARY_BYTES;
        if (Math.max(lengthBytes, folderBytes) > MAX_PATH_BYTES) {
            throw new NbdBindException(
                    String.format(
                            "unix socket path %s has %s bytes, at most %s are possible, and %s for its folder: choose "
                                    + "a shorter one",
                            socket, lengthBytes, MAX_PATH_BYTES, MAX_PATH_BYTES - TEMPORARY_BYTES));
        }
    }

    private static int bytes(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length;
    }

    private static void place(Path made, Path socket, Path old) throws IOException {
        for (int i = 0; i < TRIES; i++) {
            try {
                put(made, socket);
                return;
            } catch (FileAlreadyExistsException e) {
                FileIdentity stale = mustNotBeTaken(socket);
                if (stale != null && stale.isAt(socket)) {
                    moveAway(socket, old);
                }
            }
        }
        throw inUse(socket);
    }

    private static void put(Path made, Path socket) throws IOException {
        try {
            Files.createLink(socket, made);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (FileSystemException | UnsupportedOperationException e) {
            // A file system without links: it is looked first and moved then.
            LOG.debug("{} cannot be linked", socket, e);
            Files.move(made, socket);
        }
    }

    /** Somebody may have put a living one there since it was asked. */
    private static void moveAway(Path socket, Path old) throws IOException {
        try {
            Files.move(socket, old, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            return;
        }
        try {
            mustNotBeTaken(old);
        } catch (NbdBindException e) {
            putBack(old, socket);
            throw inUse(socket);
        }
        Files.delete(old);
    }

    private static void putBack(Path old, Path socket) throws IOException {
        try {
            Files.createLink(socket, old);
        } catch (FileAlreadyExistsException e) {
            LOG.debug("{} has a server again", socket, e);
        }
        Files.delete(old);
    }

    /** What a killed server left there; null when nothing is there. */
    private static @Nullable FileIdentity mustNotBeTaken(Path socket) throws IOException {
        BasicFileAttributes attributes;
        try {
            attributes =
                    Files.readAttributes(
                            socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null;
        }
        if (!attributes.isOther()) {
            throw new NbdBindException(
                    "unix socket "
                            + socket
                            + ": there is "
                            + FileAccess.kind(attributes)
                            + " of that name that is not a socket; remove it or choose another path");
        }
        if (somebodyListens(socket)) {
            throw inUse(socket);
        }
        return FileIdentity.of(socket, attributes);
    }

    private static NbdBindException inUse(Path socket) {
        return new NbdBindException(
                "unix socket "
                        + socket
                        + " is in use by a running server: stop that one or choose another path");
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

    private static String reason(IOException e) {
        if (e instanceof java.nio.file.AccessDeniedException) {
            return "no permission; choose a folder that you may write";
        }
        String text = e instanceof FileSystemException named ? named.getReason() : e.getMessage();
        return text == null ? e.toString() : text;
    }

    /** Removes the socket, unless another server has put its own there. */
    void remove() {
        try (FolderLock turn = turn(socket)) {
            if (identity.isAt(socket)) {
                Files.delete(socket);
            }
        } catch (IOException e) {
            LOG.warn("unix socket {} stays behind: {}", socket, e.getMessage());
        }
    }
}
