package io.chainring.ring.memory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One contiguous piece of ring memory: a direct buffer and the 64-bit address of its first byte.
 * Immutable; safe to keep and to share between threads.
 */
public final class RingRegion {
    /** Start of every region and of its address, so that alignment by address is alignment in memory. */
    static final int ALIGNMENT_BYTES = 16;

    private final long baseAddress;
    private final int lengthBytes;
    private final ByteBuffer bytes;

    RingRegion(long baseAddress, ByteBuffer direct) {
        if (!direct.isDirect() || direct.isReadOnly()) {
            throw new IllegalArgumentException(
                    "a region of ring memory must be a writable direct buffer");
        }
        this.bytes = direct.slice().order(ByteOrder.LITTLE_ENDIAN);
        this.lengthBytes = bytes.capacity();
        this.baseAddress = baseAddress;
        if (lengthBytes == 0) {
            throw new IllegalArgumentException("a region of ring memory must not be empty");
        }
        if (bytes.alignmentOffset(0, ALIGNMENT_BYTES) != 0) {
            throw new IllegalArgumentException(
                    "a region of ring memory must start at a multiple of "
                            + ALIGNMENT_BYTES
                            + " bytes");
        }
    }

    /** Address of the first byte. */
    public long baseAddress() {
        return baseAddress;
    }

    /** Length in bytes. */
    public int lengthBytes() {
        return lengthBytes;
    }

    /** Address behind the last byte. */
    public long endAddress() {
        return baseAddress + lengthBytes;
    }

    /** Whether the whole range lies in this region; any 64-bit values may be asked for. */
    public boolean contains(long addressBytes, long rangeBytes) {
        long offset = addressBytes - baseAddress;
        return addressBytes >= baseAddress && rangeBytes >= 0 && rangeBytes <= lengthBytes - offset;
    }

    /** Offset of an address that this region contains, in bytes. */
    public int offsetOf(long addressBytes) {
        return Math.toIntExact(addressBytes - baseAddress);
    }

    /** The whole region, shared: absolute access only, position and limit stay as they are. */
    public ByteBuffer bytes() {
        return bytes;
    }
}
