package io.chainring.host.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A disk in a raw image file: byte n of the disk is byte n of the file.
 *
 * <p><b>Stable storage.</b> A write is in the system's page cache when it returns: it survives the death
 * of the process, not of the machine. {@link #flush} is fdatasync. When fdatasync fails, the kernel has
 * marked the pages clean, and the next one would report success over lost data; so the first failure is
 * the last word (scenario H3): writes and flushes are refused until the file is opened again, reads go
 * on. One sync runs at a time: of two at once on one descriptor, the kernel would tell only one of the
 * failure.
 *
 * <p><b>One user.</b> The file is locked against other processes (fcntl) and other stores of this JVM.
 * Code that opens and closes the same file otherwise, in this process, drops the lock: the system's
 * rule, not ours.
 *
 * <p><b>Truncation.</b> A file found shorter than the disk (by a read, a flush or a walk over extents)
 * is an error and fails the store as above: the missing part never reads as zeros. A write behind the
 * new end that comes before any of these makes the file long again, and the loss cannot be seen.
 *
 * <p><b>Interrupts.</b> A thread interrupted in here keeps its flag, its call goes on with a channel
 * opened anew. Without native calls an interrupted sync has no known outcome and fails the store.
 */
public final class FileBlockStore implements BlockStore {
    private static final Logger LOG = LoggerFactory.getLogger(FileBlockStore.class);

    /** How often one call may lose its channel or make no progress, before it fails. */
    private static final int MAX_RETRIES = 100;

    private static final ByteBuffer ZEROES = ByteBuffer.allocateDirect(1 << 20).asReadOnlyBuffer();

    private final ImageFile file;
    private final String name;
    private final boolean readOnly;
    private final boolean writeThrough;
    private final StoreHealth health;
    private final @Nullable StoreRoom room;
    private final SyncCall syncCall;
    private final Object syncLock = new Object();
    private volatile long capacityBytes;

    /** fdatasync, or in tests a failing one. */
    @FunctionalInterface
    interface SyncCall {
        void sync(ImageFile file) throws IOException;
    }

    private FileBlockStore(
            ImageFile file,
            long capacityBytes,
            FileStoreOptions options,
            SyncCall syncCall,
            @Nullable StoreRoom room) {
        this.file = file;
        this.name = file.path().toString();
        this.readOnly = options.readOnly();
        this.health = new StoreHealth(name, readOnly);
        this.writeThrough = options.writeThrough();
        this.capacityBytes = capacityBytes;
        this.syncCall = syncCall;
        this.room = room;
    }

    /**
     * Opens an image, or creates it when the options carry a size.
     *
     * @throws StoreOpenException one line that says which file, what is wrong and what to do: missing,
     *     directory, symbolic link, write-protected, size not the one asked for, in use
     */
    public static FileBlockStore open(Path path, FileStoreOptions options)
            throws StoreOpenException {
        return open(path, options, FileBlockStore::fdatasync);
    }

    static FileBlockStore open(Path path, FileStoreOptions options, SyncCall syncCall)
            throws StoreOpenException {
        StoreRoom room = StoreRoom.of(path, options);
        ImageFile file = ImageFile.open(path, options);
        return new FileBlockStore(file, file.settledBytes(), options, syncCall, room);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long capacityBytes() {
        return capacityBytes;
    }

    @Override
    public boolean readOnly() {
        return readOnly;
    }

    @Override
    public void read(long offsetBytes, ByteBuffer[] buffers) throws IOException {
        checkRange(offsetBytes, StoreRanges.remaining(buffers));
        long at = offsetBytes;
        for (ByteBuffer buffer : buffers) {
            at += transfer(buffer, at, false);
        }
    }

    @Override
    public void write(long offsetBytes, ByteBuffer[] buffers) throws IOException {
        long lengthBytes = StoreRanges.remaining(buffers);
        checkRange(offsetBytes, lengthBytes);
        health.ensureChangeable();
        ensureRoom(offsetBytes, lengthBytes);
        long at = offsetBytes;
        for (ByteBuffer buffer : buffers) {
            at += transfer(buffer, at, true);
        }
        if (writeThrough) {
            sync();
        }
    }

    private void ensureRoom(long offsetBytes, long lengthBytes) throws IOException {
        if (room != null) {
            room.ensureFor(file, offsetBytes, lengthBytes);
        }
    }

    /** Moves one buffer as a whole, however the system cuts it up (scenario H4), and returns its length. */
    private int transfer(ByteBuffer buffer, long offsetBytes, boolean write) throws IOException {
        int position = buffer.position();
        int retries = 0;
        // A channel entered with the flag set is closed at once: it waits outside.
        boolean interrupted = Thread.interrupted();
        try {
            while (buffer.hasRemaining()) {
                long at = offsetBytes + (buffer.position() - position);
                FileChannel channel = file.channel();
                int moved = 0;
                try {
                    moved = write ? channel.write(buffer, at) : channel.read(buffer, at);
                } catch (ClosedChannelException e) {
                    interrupted |= Thread.interrupted();
                    recover(channel, e);
                } catch (IOException e) {
                    throw namedError(e);
                }
                if (moved < 0) {
                    throw truncated(at);
                }
                if (moved == 0 && ++retries > MAX_RETRIES) {
                    throw new IOException(name + ": no progress at offset " + at);
                }
            }
            return buffer.position() - position;
        } finally {
            buffer.position(position);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The JDK tells what went wrong by its text alone, and never which file. */
    private IOException namedError(IOException e) {
        String text = name + ": " + e.getMessage();
        return NativeFile.saysNoSpace(text)
                ? new StoreNoSpaceException(text, e)
                : new IOException(text, e);
    }

    private void recover(FileChannel broken, ClosedChannelException cause) throws IOException {
        try {
            file.reopen(broken);
        } catch (IOException e) {
            e.addSuppressed(cause);
            health.fail(
                    "it was closed by an interrupt and cannot be opened again: " + e.getMessage());
            throw e;
        }
    }

    @Override
    public void flush() throws IOException {
        if (readOnly) {
            health.ensureOpen();
            return;
        }
        sync();
    }

    private void sync() throws IOException {
        synchronized (syncLock) {
            health.ensureChangeable();
            checkLength();
            boolean interrupted = Thread.interrupted();
            try {
                syncCall.sync(file);
            } catch (IOException e) {
                health.fail(
                        "fdatasync failed (" + e.getMessage() + "), what was written may be lost");
                throw new StoreFailedException(health.status().reason(), e);
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    private static void fdatasync(ImageFile file) throws IOException {
        NativeFile nativeFile = file.nativeFile();
        if (nativeFile != null) {
            nativeFile.sync();
        } else {
            file.channel().force(false);
        }
    }

    @Override
    public void discard(long offsetBytes, long lengthBytes) throws IOException {
        checkRange(offsetBytes, lengthBytes);
        health.ensureChangeable();
        NativeFile nativeFile = file.nativeFile();
        if (nativeFile != null && nativeFile.punchHole(offsetBytes, lengthBytes) && writeThrough) {
            sync();
        }
    }

    @Override
    public void writeZeroes(long offsetBytes, long lengthBytes, boolean mayUnmap, boolean fastOnly)
            throws IOException {
        checkRange(offsetBytes, lengthBytes);
        health.ensureChangeable();
        NativeFile nativeFile = file.nativeFile();
        boolean unmapped =
                mayUnmap && nativeFile != null && nativeFile.punchHole(offsetBytes, lengthBytes);
        if (!unmapped) {
            ensureRoom(offsetBytes, lengthBytes);
        }
        if (!unmapped && (nativeFile == null || !nativeFile.zeroRange(offsetBytes, lengthBytes))) {
            if (fastOnly) {
                throw new FastZeroesUnsupportedException(name + ": zeros have to be written");
            }
            long end = offsetBytes + lengthBytes;
            for (long at = offsetBytes; at < end; ) {
                int length = (int) Math.min(ZEROES.capacity(), end - at);
                at += transfer(ZEROES.duplicate().limit(length), at, true);
            }
        }
        if (writeThrough) {
            sync();
        }
    }

    @Override
    public long pieceBytes(long offsetBytes, long lengthBytes) {
        NativeFile nativeFile = file.nativeFile();
        if (nativeFile == null || writeThrough) {
            // Nothing is punched, or each piece would be synced.
            return lengthBytes;
        }
        return FilePieces.bytes(nativeFile, offsetBytes, lengthBytes);
    }

    @Override
    public void extents(long offsetBytes, long lengthBytes, ExtentConsumer consumer)
            throws IOException {
        checkRange(offsetBytes, lengthBytes);
        health.ensureOpen();
        checkLength();
        NativeFile nativeFile = file.nativeFile();
        long end = offsetBytes + lengthBytes;
        for (long at = offsetBytes; at < end; ) {
            long data = nativeFile == null ? at : nativeFile.seekData(at);
            long dataOrEnd = Math.min(data, end);
            if (dataOrEnd > at && !consumer.extent(dataOrEnd - at, true, true)) {
                return;
            }
            at = dataOrEnd;
            if (at < end) {
                long hole = nativeFile == null ? end : nativeFile.seekHole(at);
                if (hole < 0) {
                    // The file has become shorter, or all of the rest may be data.
                    checkLength();
                    hole = end;
                }
                long holeOrEnd = Math.min(hole, end);
                if (holeOrEnd > at && !consumer.extent(holeOrEnd - at, false, false)) {
                    return;
                }
                at = holeOrEnd;
            }
        }
    }

    @Override
    public void grow(long newCapacityBytes) throws IOException {
        synchronized (syncLock) {
            health.ensureChangeable();
            StoreRanges.checkGrow(name, capacityBytes, newCapacityBytes);
            file.mustBeInPlace();
            checkLength();
            if (newCapacityBytes > capacityBytes) {
                file.setLength(newCapacityBytes);
                sync();
                capacityBytes = newCapacityBytes;
            }
        }
    }

    @Override
    public StoreStatus status() {
        StoreStatus now = health.status();
        return room == null ? now : room.toldBy(now);
    }

    @Override
    public void close() throws IOException {
        synchronized (syncLock) {
            health.close();
            file.close();
        }
    }

    private void checkRange(long offsetBytes, long lengthBytes) {
        StoreRanges.check(name, capacityBytes, offsetBytes, lengthBytes);
    }

    private void checkLength() throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            for (int retries = 0; ; retries++) {
                FileChannel channel = file.channel();
                try {
                    long size = channel.size();
                    if (size < capacityBytes) {
                        throw truncated(size);
                    }
                    return;
                } catch (ClosedChannelException e) {
                    interrupted |= Thread.interrupted();
                    if (retries == MAX_RETRIES) {
                        throw e;
                    }
                    recover(channel, e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private IOException truncated(long offsetBytes) {
        health.fail(
                String.format(
                        "the file ends at or before offset %s although the disk has %s bytes: it was "
                                + "truncated while open",
                        offsetBytes, capacityBytes));
        return new StoreFailedException(health.status().reason());
    }
}
