package io.chainring.host.store;

import java.nio.ByteBuffer;

/** Checks that all stores make of what they are asked for. */
final class StoreRanges {
    private StoreRanges() {}

    /** Throws when the range does not lie within the capacity. */
    static void check(String name, long capacityBytes, long offsetBytes, long lengthBytes) {
        if (offsetBytes < 0 || lengthBytes < 0 || offsetBytes > capacityBytes - lengthBytes) {
            throw new IllegalArgumentException(
                    "range %s+%s lies outside of %s with %s bytes"
                            .formatted(offsetBytes, lengthBytes, name, capacityBytes));
        }
    }

    /** Throws when a disk cannot grow from one capacity to the other. */
    static void checkGrow(String name, long capacityBytes, long newCapacityBytes) {
        if (newCapacityBytes < capacityBytes) {
            throw new IllegalArgumentException(
                    "%s has %s bytes and cannot grow to %s: that is less"
                            .formatted(name, capacityBytes, newCapacityBytes));
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
