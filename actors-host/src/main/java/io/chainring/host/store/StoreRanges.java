package io.chainring.host.store;

import java.nio.ByteBuffer;

/** Checks that all stores make of what they are asked for. */
final class StoreRanges {
    private StoreRanges() {}

    /** Throws when the range does not lie within the capacity. */
    static void check(String name, long capacityBytes, long offsetBytes, long lengthBytes) {
        if (offsetBytes < 0 || lengthBytes < 0 || offsetBytes > capacityBytes - lengthBytes) {
            throw new IllegalArgumentException(
                    "range "
                            + offsetBytes
                            + "+"
                            + lengthBytes
                            + " lies outside of "
                            + name
                            + " with "
                            + capacityBytes
                            + " bytes");
        }
    }

    /** Throws when a disk cannot grow from one capacity to the other. */
    static void checkGrow(String name, long capacityBytes, long newCapacityBytes) {
        if (newCapacityBytes % BlockStore.SECTOR_BYTES != 0 || newCapacityBytes < capacityBytes) {
            throw new IllegalArgumentException(
                    name
                            + " has "
                            + capacityBytes
                            + " bytes and cannot grow to "
                            + newCapacityBytes
                            + ": not smaller, and a multiple of "
                            + BlockStore.SECTOR_BYTES
                            + ", it must be");
        }
    }

    /** Bytes between position and limit of all buffers together. */
    static long remaining(ByteBuffer[] buffers) {
        long bytes = 0;
        for (ByteBuffer buffer : buffers) {
            bytes += buffer.remaining();
        }
        return bytes;
    }
}
