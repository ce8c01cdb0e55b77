package io.chainring.ring.virtqueue;

import io.chainring.ring.memory.RegionWindow;
import io.chainring.ring.memory.RingRegion;
import io.chainring.ring.memory.RingViolationException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * The buffers of one chain, filled by {@link DeviceQueue#read} and used again for the next: readable
 * segments first, then writable ones, each wholly inside one region. A descriptor whose buffer runs
 * over several touching regions becomes several segments.
 *
 * <p>The buffers belong to this holder: after the next fill they show other bytes. What they show is
 * memory that the other side may change at any moment; read each field once, then check the copy.
 */
public final class ChainBuffers {
    private final int maxSegments;
    private final long maxBytes;
    private final RingRegion[] regions;
    private final int[] offsets;
    private final int[] lengths;
    private final RegionWindow[] windows;
    private int count;
    private int readableCount;
    private long readableBytes;
    private long writableBytes;

    /**
     * Creates an empty holder with its limits.
     *
     * @param maxSegments most segments of a chain
     * @param maxBytes most bytes of a chain, readable and writable together
     */
    public ChainBuffers(int maxSegments, long maxBytes) {
        if (maxSegments < 1 || maxSegments > QueueLayout.MAX_SIZE_DESCRIPTORS || maxBytes < 1) {
            throw new IllegalArgumentException(
                    "chain limits out of range: %s segments, %s bytes"
                            .formatted(maxSegments, maxBytes));
        }
        this.maxSegments = maxSegments;
        this.maxBytes = maxBytes;
        regions = new RingRegion[maxSegments];
        offsets = new int[maxSegments];
        lengths = new int[maxSegments];
        windows = new RegionWindow[maxSegments];
        for (int i = 0; i < maxSegments; i++) {
            windows[i] = new RegionWindow();
        }
    }

    /** Most segments of a chain. */
    public int maxSegments() {
        return maxSegments;
    }

    /** Most bytes of a chain. */
    public long maxBytes() {
        return maxBytes;
    }

    /** Number of segments that the device reads. */
    public int readableCount() {
        return readableCount;
    }

    /** Number of segments that the device writes. */
    public int writableCount() {
        return count - readableCount;
    }

    /** Bytes of all readable segments together. */
    public long readableBytes() {
        return readableBytes;
    }

    /** Bytes of all writable segments together. */
    public long writableBytes() {
        return writableBytes;
    }

    /** A readable segment: position at its start, limit at its end, little-endian. */
    public ByteBuffer readable(int index) {
        int at = readableIndex(index);
        return windows[at].place(regions[at], offsets[at], lengths[at]);
    }

    /** A writable segment: position at its start, limit at its end, little-endian. */
    public ByteBuffer writable(int index) {
        int at = writableIndex(index);
        return windows[at].place(regions[at], offsets[at], lengths[at]);
    }

    /** Region of a readable segment. */
    public RingRegion readableRegion(int index) {
        return regions[readableIndex(index)];
    }

    /** Region of a writable segment. */
    public RingRegion writableRegion(int index) {
        return regions[writableIndex(index)];
    }

    /** Offset of a readable segment in its region, in bytes. */
    public int readableOffsetBytes(int index) {
        return offsets[readableIndex(index)];
    }

    /** Offset of a writable segment in its region, in bytes. */
    public int writableOffsetBytes(int index) {
        return offsets[writableIndex(index)];
    }

    /** Length of a readable segment in bytes. */
    public int readableLengthBytes(int index) {
        return lengths[readableIndex(index)];
    }

    /** Length of a writable segment in bytes. */
    public int writableLengthBytes(int index) {
        return lengths[writableIndex(index)];
    }

    /** Address of a readable segment. */
    public long readableAddress(int index) {
        int at = readableIndex(index);
        return regions[at].baseAddress() + offsets[at];
    }

    /** Address of a writable segment. */
    public long writableAddress(int index) {
        int at = writableIndex(index);
        return regions[at].baseAddress() + offsets[at];
    }

    private int readableIndex(int index) {
        return Objects.checkIndex(index, readableCount);
    }

    private int writableIndex(int index) {
        return readableCount + Objects.checkIndex(index, count - readableCount);
    }

    void clear() {
        count = 0;
        readableCount = 0;
        readableBytes = 0;
        writableBytes = 0;
    }

    void append(RingRegion region, int offsetBytes, int lengthBytes, boolean writable) {
        if (count == maxSegments) {
            throw new RingViolationException("chain has more than " + maxSegments + " segments");
        }
        if (lengthBytes > maxBytes - readableBytes - writableBytes) {
            throw new RingViolationException("chain has more than " + maxBytes + " bytes");
        }
        if (writable) {
            writableBytes += lengthBytes;
        } else if (count == readableCount) {
            readableCount++;
            readableBytes += lengthBytes;
        } else {
            throw new RingViolationException("chain has a readable buffer behind a writable one");
        }
        regions[count] = region;
        offsets[count] = offsetBytes;
        lengths[count] = lengthBytes;
        count++;
    }
}
