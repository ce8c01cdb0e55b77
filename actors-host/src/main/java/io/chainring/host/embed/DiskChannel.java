package io.chainring.host.embed;

import io.chainring.ring.client.BlockingClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SeekableByteChannel;
import java.util.function.LongSupplier;

/**
 * A disk as a channel, for what reads and writes files. Its size is the disk's: it can't be truncated, and a write ends at the
 * disk's end. Calls wait for the disk, one after the other. Thread-safe.
 */
final class DiskChannel implements SeekableByteChannel {
    private final BlockingClient client;
    private final LongSupplier capacityBytes;
    private final Object lock = new Object();
    private long position;
    private volatile boolean closed;

    DiskChannel(BlockingClient client, LongSupplier capacityBytes) {
        this.client = client;
        this.capacityBytes = capacityBytes;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        synchronized (lock) {
            checkOpen();
            long rest = capacityBytes.getAsLong() - position;
            if (rest <= 0) {
                return -1;
            }
            return move(into, rest, () -> client.read(position, into));
        }
    }

    /**
     * Writes as much as there is room for up to the disk's end.
     *
     * @throws IOException when there is none
     */
    @Override
    public int write(ByteBuffer data) throws IOException {
        synchronized (lock) {
            checkOpen();
            long rest = capacityBytes.getAsLong() - position;
            if (rest <= 0 && data.hasRemaining()) {
                throw new IOException(
                        "no room at %s: the disk has %s bytes"
                                .formatted(position, capacityBytes.getAsLong()));
            }
            return move(data, rest, () -> client.write(position, data));
        }
    }

    private interface Transfer {
        void run() throws IOException;
    }

    private int move(ByteBuffer buffer, long restBytes, Transfer transfer) throws IOException {
        int length = (int) Math.min(restBytes, buffer.remaining());
        if (length <= 0) {
            return 0;
        }
        int limit = buffer.limit();
        buffer.limit(buffer.position() + length);
        try {
            transfer.run();
        } finally {
            buffer.limit(limit);
        }
        position += length;
        return length;
    }

    @Override
    public long position() throws IOException {
        synchronized (lock) {
            checkOpen();
            return position;
        }
    }

    @Override
    public SeekableByteChannel position(long newPosition) throws IOException {
        if (newPosition < 0) {
            throw new IllegalArgumentException("position " + newPosition);
        }
        synchronized (lock) {
            checkOpen();
            position = newPosition;
            return this;
        }
    }

    @Override
    public long size() throws IOException {
        checkOpen();
        return capacityBytes.getAsLong();
    }

    /**
     * Does nothing to a disk that is no larger.
     *
     * @throws IOException when it is larger: a disk keeps its size
     */
    @Override
    public SeekableByteChannel truncate(long sizeBytes) throws IOException {
        if (sizeBytes < 0) {
            throw new IllegalArgumentException("size " + sizeBytes);
        }
        synchronized (lock) {
            checkOpen();
            if (sizeBytes < capacityBytes.getAsLong()) {
                throw new IOException("a disk cannot be truncated to " + sizeBytes + " bytes");
            }
            position = Math.min(position, sizeBytes);
            return this;
        }
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        client.close();
    }

    private void checkOpen() throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }
}
