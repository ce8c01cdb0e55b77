package io.chainring.host.store;

import io.chainring.base.files.FileIdentity;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
    private final FileIdentity identity;
    private volatile FileChannel channel;
    private final @Nullable NativeFile nativeFile;
    private long settledBytes;
    private boolean closed;

    /** The claim on the key is the new file's; whatever fails here gives back all that it has taken. */
    private ImageFile(Path path, FileStoreOptions options, FileIdentity identity)
            throws IOException {
        this.path = path;
        this.readOnly = options.readOnly();
        this.identity = identity;
        NativeFile second = null;
        boolean opened = false;
        try {
            // The channel last: closing another descriptor would drop the lock that it takes.
            second = options.nativeCalls() ? NativeFile.open(path, readOnly) : null;
            this.channel = openAndLock();
            opened = true;
        } finally {
            if (!opened) {
                giveBack(second);
            }
        }
        this.nativeFile = second;
    }

    /**
     * Opens and locks the file, and creates it when the options say so.
     *
     * @throws StoreOpenException with one line, whatever is wrong
     */
    static ImageFile open(Path path, FileStoreOptions options) throws StoreOpenException {
        try {
            ImagePath found = ImagePath.check(path, options);
            if (!ImageLocks.claim(found.identity())) {
                throw new StoreOpenException(
                        "disk image "
                                + path
                                + " is already open in this process: one disk per image");
            }
            ImageFile file = opened(path, options, found);
            boolean settled = false;
            try {
                file.settleSize(options);
                settled = true;
                return file;
            } finally {
                if (!settled) {
                    if (found.isNew()) {
                        removeNew(path, found.identity());
                    }
                    file.close();
                }
            }
        } catch (StoreOpenException e) {
            throw e;
        } catch (IOException e) {
            throw cannot(path, e);
        }
    }

    private static ImageFile opened(Path path, FileStoreOptions options, ImagePath found)
            throws IOException {
        try {
            return new ImageFile(path, options, found.identity());
        } catch (StoreOpenException e) {
            // Somebody else has it.
            throw e;
        } catch (IOException e) {
            if (found.isNew()) {
                removeNew(path, found.identity());
            }
            throw e;
        }
    }

    /** An image that could not be opened, or given its size, leaves no empty file behind that looks like one. */
    private static void removeNew(Path path, FileIdentity identity) {
        try {
            if (identity.isAt(path)) {
                Files.delete(path);
            }
        } catch (IOException e) {
            LOG.warn("{} could not be made and stays behind empty: {}", path, e.getMessage());
        }
    }

    private boolean isStillThere() throws IOException {
        return identity.isAt(path);
    }

    private FileChannel openAndLock() throws IOException {
        Set<OpenOption> how =
                readOnly
                        ? Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)
                        : Set.of(
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE,
                                LinkOption.NOFOLLOW_LINKS);
        FileChannel opened = FileChannel.open(path, how);
        boolean ours = false;
        try {
            if (opened.tryLock(0, Long.MAX_VALUE, readOnly) == null) {
                throw new StoreOpenException(
                        "disk image "
                                + path
                                + " is in use by another process: stop that one first");
            }
            // With all descriptors open: both are of the file that was claimed.
            if (!isStillThere()) {
                throw new IOException("it was replaced by another file while it was opened");
            }
            ours = true;
            return opened;
        } catch (OverlappingFileLockException e) {
            throw new StoreOpenException(
                    "disk image " + path + " is locked elsewhere in this process", e);
        } finally {
            if (!ours) {
                opened.close();
            }
        }
    }

    private void settleSize(FileStoreOptions options) throws IOException {
        long size = channel.size();
        long wanted = options.createSizeBytes();
        if (size == 0 && wanted > 0 && !readOnly) {
            setLength(wanted);
            channel.force(true);
            syncFolder();
            settledBytes = wanted;
            return;
        }
        if (size == 0) {
            throw new StoreOpenException(
                    "disk image " + path + " is empty: give a size to create a disk in it");
        }
        if (wanted > 0 && size != wanted) {
            throw new StoreOpenException(
                    String.format(
                            "disk image %s has %s bytes, not the %s asked for: leave the size out to "
                                    + "take it as it is",
                            path, size, wanted));
        }
        settledBytes = size;
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

    /** Its size when it was opened, in bytes. */
    long settledBytes() {
        return settledBytes;
    }

    /**
     * The path still names the file that is open.
     *
     * @throws IOException when another one stands there: what is written goes to the one that is open, and would be lost
     *     with it
     */
    void mustBeInPlace() throws IOException {
        if (!isStillThere()) {
            throw new IOException(
                    "disk image "
                            + path
                            + " was replaced or removed while it is open; copy the disk through its clients");
        }
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
        // Asked first too: closing a file that another store holds would drop its lock.
        if (!isStillThere()) {
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
        warnWhenGone();
        try {
            channel.close();
        } finally {
            giveBack(nativeFile);
        }
    }

    /** Whoever replaced the file is told before the one that clients have written to is gone. */
    private void warnWhenGone() {
        try {
            if (settledBytes > 0 && !isStillThere()) {
                LOG.warn(
                        "{} was replaced or removed while it was open: what clients wrote went to the file that was there"
                                + " before and is lost with it",
                        path);
            }
        } catch (IOException e) {
            LOG.debug("{} cannot be looked at", path, e);
        }
    }

    private void giveBack(@Nullable NativeFile second) throws IOException {
        try {
            if (second != null) {
                second.close();
            }
        } finally {
            ImageLocks.release(identity);
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
