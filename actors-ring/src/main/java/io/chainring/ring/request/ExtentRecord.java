package io.chainring.ring.request;

import io.chainring.ring.memory.RingFields;
import java.nio.ByteBuffer;

/**
 * One record of the answer to {@link Operation#EXTENTS}: 16 bytes, {le64 lengthBytes; le32 flags;
 * le32 pad}. The records follow each other from the start of the asked range; a length of zero ends
 * them.
 */
public final class ExtentRecord {
    /** Length of a record in bytes. */
    public static final int BYTES = 16;

    /** The extent takes no space in the store. */
    public static final int FLAG_HOLE = 1;

    /** The extent reads as zeroes. */
    public static final int FLAG_ZERO = 2;

    private ExtentRecord() {}

    /** Writes the record that begins at this offset of the buffer. */
    public static void write(ByteBuffer bytes, int offsetBytes, long lengthBytes, int flags) {
        RingFields.setU64(bytes, offsetBytes, lengthBytes);
        RingFields.setU32(bytes, offsetBytes + 8, flags);
        RingFields.setU32(bytes, offsetBytes + 12, 0);
    }

    /** Length of the extent in bytes, as the other side wrote it. */
    public static long lengthBytes(ByteBuffer bytes, int offsetBytes) {
        return RingFields.getU64(bytes, offsetBytes);
    }

    /** Flags of the extent, as the other side wrote them. */
    public static int flags(ByteBuffer bytes, int offsetBytes) {
        return (int) RingFields.getU32(bytes, offsetBytes + 8);
    }
}
