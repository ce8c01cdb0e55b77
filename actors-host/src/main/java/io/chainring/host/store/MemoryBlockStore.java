package io.chainring.host.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory, gone with the process: for tests, benchmarks and scratch disks.
 *
 * <p>Memory is taken in chunks of {@value #CHUNK_BYTES} bytes when they are first written, and given
 * back when a discard or unmapping zeroes cover a whole chunk. The capacity is the limit of what it
 * takes. Nothing in it survives anything, so a flush has nothing to do.
 */
public final class MemoryBlockStore implements BlockStore {
    /** Unit of allocation, in bytes. */
    public static final int CHUNK_BYTES = 1 << 16;

    /** Largest capacity, in bytes. */
    public static final long MAX_CAPACITY_BYTES = (long) CHUNK_BYTES << 24;

    private static final int GROUP_CHUNKS = 1 << 10;

    private final String name;
    private volatile Contents contents;
    private volatile boolean closed;

    /**
     * The capacity with its chunks, null where nothing was written yet, in groups. A growth makes a new
     * one that shares the groups, so that a write at the same time is not lost.
     */
    private record Contents(long capacityBytes, List<AtomicReferenceArray<byte[]>> groups) {
        byte @Nullable [] chunk(int index) {
            return group(index).get(index % GROUP_CHUNKS);
        }

        AtomicReferenceArray<byte[]> group(int index) {
            return groups.get(index / GROUP_CHUNKS);
        }
    }

    /**
     * @param name what errors and logs call it
     * @param capacityBytes at least 1, at most {@link #MAX_CAPACITY_BYTES}
     */
    public MemoryBlockStore(String name, long capacityBytes) {
        this.name = name;
        if (capacityBytes <= 0) {
            throw new IllegalArgumentException(
                    "memory disk %s: a capacity of %s bytes".formatted(name, capacityBytes));
        }
        this.contents = new Contents(capacityBytes, groupsFor(name, capacityBytes, List.of()));
    }

    private static List<AtomicReferenceArray<byte[]>> groupsFor(
            String name, long capacityBytes, List<AtomicReferenceArray<byte[]>> existing) {
        if (capacityBytes > MAX_CAPACITY_BYTES) {
            throw new IllegalArgumentException(
                    "memory disk %s: capacity of %s bytes is above the limit of %s"
                            .formatted(name, capacityBytes, MAX_CAPACITY_BYTES));
        }
        long groupBytes = (long) GROUP_CHUNKS * CHUNK_BYTES;
        List<AtomicReferenceArray<byte[]>> groups = new ArrayList<>(existing);
        while (groups.size() * groupBytes < capacityBytes) {
            groups.add(new AtomicReferenceArray<>(GROUP_CHUNKS));
        }
        return groups;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long capacityBytes() {
        return contents.capacityBytes;
    }

    @Override
    public boolean readOnly() {
        return false;
    }

    @Override
    public void read(long offsetBytes, ByteBuffer[] buffers) throws IOException {
        Contents now = enter(offsetBytes, StoreRanges.remaining(buffers));
        long at = offsetBytes;
        for (ByteBuffer buffer : buffers) {
            int position = buffer.position();
            int end = buffer.limit();
            for (int filled = position; filled < end; ) {
                int length = withinChunk(at, end - filled);
                byte[] chunk = now.chunk(chunkOf(at));
                if (chunk == null) {
                    zero(buffer, filled, length);
                } else {
                    buffer.put(filled, chunk, inChunk(at), length);
                }
                at += length;
                filled += length;
            }
        }
    }

    private static void zero(ByteBuffer buffer, int index, int length) {
        int at = index;
        for (; at + Long.BYTES <= index + length; at += Long.BYTES) {
            buffer.putLong(at, 0);
        }
        for (; at < index + length; at++) {
            buffer.put(at, (byte) 0);
        }
    }

    @Override
    public void write(long offsetBytes, ByteBuffer[] buffers) throws IOException {
        Contents now = enter(offsetBytes, StoreRanges.remaining(buffers));
        long at = offsetBytes;
        for (ByteBuffer buffer : buffers) {
            int end = buffer.limit();
            for (int taken = buffer.position(); taken < end; ) {
                int length = withinChunk(at, end - taken);
                buffer.get(taken, chunkForWriting(now, chunkOf(at)), inChunk(at), length);
                at += length;
                taken += length;
            }
        }
    }

    private byte[] chunkForWriting(Contents now, int index) throws StoreNoSpaceException {
        byte[] chunk = now.chunk(index);
        if (chunk != null) {
            return chunk;
        }
        byte[] fresh;
        try {
            fresh = new byte[CHUNK_BYTES];
        } catch (OutOfMemoryError e) {
            throw new StoreNoSpaceException(
                    "memory disk " + name + ": the JVM has no memory left for it", e);
        }
        byte[] winner = now.group(index).compareAndExchange(index % GROUP_CHUNKS, null, fresh);
        return winner == null ? fresh : winner;
    }

    @Override
    public void flush() throws IOException {
        ensureOpen();
    }

    @Override
    public void discard(long offsetBytes, long lengthBytes) throws IOException {
        clear(offsetBytes, lengthBytes, true);
    }

    @Override
    public void writeZeroes(long offsetBytes, long lengthBytes, boolean mayUnmap, boolean fastOnly)
            throws IOException {
        clear(offsetBytes, lengthBytes, mayUnmap);
    }

    private void clear(long offsetBytes, long lengthBytes, boolean unmap) throws IOException {
        Contents now = enter(offsetBytes, lengthBytes);
        long end = offsetBytes + lengthBytes;
        for (long at = offsetBytes; at < end; ) {
            int length = withinChunk(at, end - at);
            int index = chunkOf(at);
            if (unmap && length == CHUNK_BYTES) {
                now.group(index).set(index % GROUP_CHUNKS, null);
            } else {
                byte[] chunk = unmap ? now.chunk(index) : chunkForWriting(now, index);
                if (chunk != null) {
                    Arrays.fill(chunk, inChunk(at), inChunk(at) + length, (byte) 0);
                }
            }
            at += length;
        }
    }

    @Override
    public void extents(long offsetBytes, long lengthBytes, ExtentConsumer consumer)
            throws IOException {
        Contents now = enter(offsetBytes, lengthBytes);
        long end = offsetBytes + lengthBytes;
        for (long at = offsetBytes; at < end; ) {
            boolean hole = now.chunk(chunkOf(at)) == null;
            long from = at;
            do {
                at += withinChunk(at, end - at);
            } while (at < end && hole == (now.chunk(chunkOf(at)) == null));
            if (!consumer.extent(at - from, hole, hole)) {
                return;
            }
        }
    }

    @Override
    public synchronized void grow(long newCapacityBytes) throws IOException {
        ensureOpen();
        Contents old = contents;
        StoreRanges.checkGrow(name, old.capacityBytes, newCapacityBytes);
        contents = new Contents(newCapacityBytes, groupsFor(name, newCapacityBytes, old.groups));
    }

    @Override
    public StoreStatus status() {
        return closed
                ? new StoreStatus(StoreStatus.State.CLOSED, "memory disk " + name + " is closed")
                : StoreStatus.OPEN;
    }

    @Override
    public void close() {
        closed = true;
    }

    private Contents enter(long offsetBytes, long lengthBytes) throws IOException {
        ensureOpen();
        Contents now = contents;
        StoreRanges.check(name, now.capacityBytes, offsetBytes, lengthBytes);
        return now;
    }

    private void ensureOpen() throws IOException {
        if (closed) {
            throw new IOException("memory disk " + name + " is closed");
        }
    }

    private static int chunkOf(long offsetBytes) {
        return (int) (offsetBytes / CHUNK_BYTES);
    }

    private static int inChunk(long offsetBytes) {
        return (int) (offsetBytes % CHUNK_BYTES);
    }

    private static int withinChunk(long offsetBytes, long wantedBytes) {
        return (int) Math.min(wantedBytes, CHUNK_BYTES - inChunk(offsetBytes));
    }
}
