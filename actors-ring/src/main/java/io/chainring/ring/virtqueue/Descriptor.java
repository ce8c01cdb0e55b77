package io.chainring.ring.virtqueue;

import io.chainring.ring.memory.RingFields;
import java.nio.ByteBuffer;

/** One descriptor: {le64 address; le32 length; le16 flags; le16 next} (virtio 1.2, section 2.7.5). */
final class Descriptor {
    static final int BYTES = 16;

    /** The chain goes on at the descriptor that {@code next} names. */
    static final int FLAG_NEXT = 1;

    /** The device writes this buffer; otherwise it reads it. */
    static final int FLAG_WRITE = 2;

    /** The buffer is a table of descriptors. */
    static final int FLAG_INDIRECT = 4;

    private Descriptor() {}

    static long address(ByteBuffer table, int offsetBytes) {
        return RingFields.getU64(table, offsetBytes);
    }

    static long length(ByteBuffer table, int offsetBytes) {
        return RingFields.getU32(table, offsetBytes + 8);
    }

    static int flags(ByteBuffer table, int offsetBytes) {
        return RingFields.getU16(table, offsetBytes + 12);
    }

    static int next(ByteBuffer table, int offsetBytes) {
        return RingFields.getU16(table, offsetBytes + 14);
    }

    static void write(
            ByteBuffer table,
            int offsetBytes,
            long address,
            long lengthBytes,
            int flags,
            int next) {
        RingFields.setU64(table, offsetBytes, address);
        RingFields.setU32(table, offsetBytes + 8, lengthBytes);
        RingFields.setU16(table, offsetBytes + 12, flags);
        RingFields.setU16(table, offsetBytes + 14, next);
    }
}
