package io.chainring.host.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An image file while it is open: its channel, its lock, its second descriptor.
 *
 * <p>A channel is closed for everybody when a thread is interrupted inside of it; {@link #reopen} then
 * gets a new one and the lock with it. Nothing here interrupts, but an embedder's pool may.
 */
final class ImageFile {
    private static final Logger LOG = LoggerFactory.getLogger(ImageFile.class);

    private final Path path;
    private final boolean readOnly;
    private final Object key;
    private volatile FileChannel channel;
    private final @Nullable NativeFile nativeFile;
    private boolean closed;

    private ImageFile(Path path, FileStoreOptions options, Object key) throws IOException {
        this.path = path;
        this.readOnly = options.readOnly();
        this.key = key;
        // The channel last: what fails before it has nothing to give back but the descriptor.
        this.nativeFile = options.nativeCalls() ? NativeFile.open(path, readOnly, key) : null;
        try {
            this.channel = openAndLock();
        } catch (IOException | RuntimeException e) {
            if (nativeFile != null) {
                nativeFile.close();
            }
            throw e;
        }
    }

    /**
     * Opens and locks the file, and creates it when the options say so.
     *
     * @throws StoreOpenException with one line, whatever is wrong
     */
    static ImageFile open(Path path, FileStoreOptions options) throws StoreOpenException {
        checkCreateSize(path, options);
        Object key = keyOf(path, options);
        if (!ImageLocks.claim(key)) {
            throw new StoreOpenException(
                    "disk image " + path + " is already open in this process: one disk per image");
        }
        try {
            ImageFile file = new ImageFile(path, options, key);
            try {
                file.settleSize(options);
                return file;
            } catch (IOException e) {
                file.close();
                throw e;
            }
        } catch (StoreOpenException e) {
            ImageLocks.release(key);
            throw e;
        } catch (IOException e) {
            ImageLocks.release(key);
            throw cannot(path, e);
        }
    }

    private static void checkCreateSize(Path path, FileStoreOptions options)
            throws StoreOpenException {
        long size = options.createSizeBytes();
        if (size < 0 || size % BlockStore.SECTOR_BYTES != 0) {
            throw new StoreOpenException(
                    "disk image "
                            + path
                            + ": a size of "
                            + size
                            + " bytes is not a multiple of "
                            + BlockStore.SECTOR_BYTES);
        }
    }

    /** Checks what can be checked without opening, and tells which file it is. */
    private static Object keyOf(Path path, FileStoreOptions options) throws StoreOpenException {
        try {
            BasicFileAttributes attributes = attributesOrCreated(path, options);
            if (attributes.isDirectory()) {
                throw new StoreOpenException(
                        "disk image " + path + " is a directory: name a file in it");
            }
            if (!attributes.isRegularFile()) {
                throw new StoreOpenException("disk image " + path + " is not a regular file");
            }
            if (!options.readOnly() && !writable(path)) {
                throw new StoreOpenException(
                        "disk image "
                                + path
                                + " is write-protected: allow writing to it or open it read-only");
            }
            Object key = attributes.fileKey();
            return key != null ? key : path.toRealPath();
        } catch (StoreOpenException e) {
            throw e;
        } catch (IOException e) {
            throw cannot(path, e);
        }
    }

    private static BasicFileAttributes attributesOrCreated(Path path, FileStoreOptions options)
            throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            throw new StoreOpenException(
                    "disk image "
                            + path
                            + ": "
                            + folder
                            + (Files.exists(folder) ? " is not a folder" : " does not exist"));
        }
        try {
            return Files.readAttributes(path, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            if (options.createSizeBytes() == 0 || options.readOnly()) {
                throw new StoreOpenException(
                        "disk image " + path + " does not exist: give a size to create it", e);
            }
        }
        try {
            Files.createFile(path);
        } catch (FileAlreadyExistsException e) {
            LOG.debug("{} was created by somebody else meanwhile", path);
        }
        return Files.readAttributes(path, BasicFileAttributes.class);
    }

    /** A file that nobody may write is protected from root as well, whom the system would let through. */
    private static boolean writable(Path path) throws IOException {
        PosixFileAttributeView posix =
                Files.getFileAttributeView(path, PosixFileAttributeView.class);
        if (posix != null) {
            Set<PosixFilePermission> write =
                    EnumSet.of(
                            PosixFilePermission.OWNER_WRITE,
                            PosixFilePermission.GROUP_WRITE,
                            PosixFilePermission.OTHERS_WRITE);
            write.retainAll(posix.readAttributes().permissions());
            if (write.isEmpty()) {
                return false;
            }
        }
        return Files.isWritable(path);
    }

    private FileChannel openAndLock() throws IOException {
        Set<OpenOption> how =
                readOnly
                        ? Set.of(StandardOpenOption.READ)
                        : Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileChannel opened = FileChannel.open(path, how);
        FileLock lock = null;
        try {
            lock = opened.tryLock(0, Long.MAX_VALUE, readOnly);
        } catch (OverlappingFileLockException e) {
            throw new StoreOpenException(
                    "disk image " + path + " is locked elsewhere in this process", e);
        } finally {
            if (lock == null) {
                opened.close();
            }
        }
        if (lock == null) {
            throw new StoreOpenException(
                    "disk image " + path + " is in use by another process: stop that one first");
        }
        return opened;
    }

    private void settleSize(FileStoreOptions options) throws IOException {
        long size = sizeBytes();
        long wanted = options.createSizeBytes();
        if (size == 0 && wanted > 0 && !readOnly) {
            setLength(wanted);
            channel.force(true);
            syncFolder();
            return;
        }
        if (size == 0) {
            throw new StoreOpenException(
                    "disk image " + path + " is empty: give a size to create a disk in it");
        }
        if (size % BlockStore.SECTOR_BYTES != 0) {
            throw new StoreOpenException(
                    "disk image "
                            + path
                            + " has "
                            + size
                            + " bytes, not a multiple of "
                            + BlockStore.SECTOR_BYTES
                            + ": it is truncated or no raw image");
        }
        if (wanted > 0 && size != wanted) {
            throw new StoreOpenException(
                    "disk image "
                            + path
                            + " has "
                            + size
                            + " bytes, not the "
                            + wanted
                            + " asked for: leave the size out to take it as it is");
        }
    }

    /** A new file survives a power loss only once its folder is on stable storage too. */
    private void syncFolder() {
        Path folder = path.toAbsolutePath().getParent();
        if (folder == null) {
            return;
        }
        try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
            entries.force(true);
        } catch (IOException e) {
            LOG.warn(
                    "{} is created, but folder {} cannot be synced: {}",
                    path,
                    folder,
                    e.getMessage());
        }
    }

    Path path() {
        return path;
    }

    FileChannel channel() {
        return channel;
    }

    @Nullable NativeFile nativeFile() {
        return nativeFile;
    }

    long sizeBytes() throws IOException {
        return channel.size();
    }

    /** Makes the file longer; what is new reads as zeros. */
    void setLength(long lengthBytes) throws IOException {
        if (nativeFile != null) {
            nativeFile.setLength(lengthBytes);
        } else {
            channel.write(ByteBuffer.allocate(1), lengthBytes - 1);
        }
    }

    /**
     * Gets a new channel in place of one that an interrupt closed. Whoever comes second finds it done.
     *
     * @param broken the channel that the caller found closed
     */
    synchronized void reopen(FileChannel broken) throws IOException {
        if (closed) {
            throw new IOException("disk image " + path + " is closed");
        }
        if (channel != broken) {
            return;
        }
        // Waits until the interrupting thread has let go of the descriptor: its late close would
        // drop the new lock.
        broken.close();
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        Object keyNow = attributes.fileKey() != null ? attributes.fileKey() : path.toRealPath();
        if (!key.equals(keyNow)) {
            throw new IOException("disk image " + path + " was replaced by another file");
        }
        channel = openAndLock();
        LOG.warn("{} was closed by an interrupt and is open again: do not interrupt I/O", path);
    }

    synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            channel.close();
        } finally {
            try {
                if (nativeFile != null) {
                    nativeFile.close();
                }
            } finally {
                ImageLocks.release(key);
            }
        }
    }

    private static StoreOpenException cannot(Path path, IOException e) {
        String reason = e.getMessage();
        if (e instanceof java.nio.file.AccessDeniedException) {
            reason = "no permission";
        } else if (e instanceof java.nio.file.FileSystemException named
                && named.getReason() != null) {
            reason = named.getReason();
        }
        return new StoreOpenException("disk image " + path + " cannot be opened: " + reason, e);
    }
}
