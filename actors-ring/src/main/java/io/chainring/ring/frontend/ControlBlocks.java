package io.chainring.ring.frontend;

import io.chainring.ring.memory.DirectRingMemory;
import java.nio.ByteBuffer;

/**
 * The small parts of chains: one block of ring memory for each request that may be outstanding.
 *
 * <pre>
 *   0 header (16 bytes) | 16 segment of discard, write-zeroes, extents (16) | 32 status (1) | 64 indirect table
 * </pre>
 */
final class ControlBlocks {
    static final int BLOCK_BYTES = 512;
    private static final int STATUS_AT = 32;
    private static final int TABLE_AT = 64;
    private static final int DESCRIPTOR_BYTES = 16;
    static final int TABLE_BYTES = BLOCK_BYTES - TABLE_AT;

    /** Most buffers of one chain: what an indirect table holds. */
    static final int BUFFER_LIMIT = TABLE_BYTES / DESCRIPTOR_BYTES;

    private final long baseAddress;
    private final ByteBuffer bytes;
    private final int[] free;
    private int freeCount;

    ControlBlocks(DirectRingMemory memory, int count) {
        int length = count * BLOCK_BYTES;
        baseAddress = memory.allocateRegion(length);
        bytes = memory.slice(baseAddress, length);
        free = new int[count];
        for (int i = 0; i < count; i++) {
            free[i] = count - 1 - i;
        }
        freeCount = count;
    }

    int freeCount() {
        return freeCount;
    }

    int take() {
        return free[--freeCount];
    }

    void release(int block) {
        free[freeCount++] = block;
    }

    ByteBuffer bytes() {
        return bytes;
    }

    int headerAt(int block) {
        return block * BLOCK_BYTES;
    }

    long headerAddress(int block) {
        return baseAddress + headerAt(block);
    }

    long statusAddress(int block) {
        return headerAddress(block) + STATUS_AT;
    }

    byte status(int block) {
        return bytes.get(headerAt(block) + STATUS_AT);
    }

    /** A value that no device writes: an answer that leaves it there is not one. */
    void spoilStatus(int block) {
        bytes.put(headerAt(block) + STATUS_AT, (byte) 0xFF);
    }

    long tableAddress(int block) {
        return headerAddress(block) + TABLE_AT;
    }
}
