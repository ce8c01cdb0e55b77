package io.chainring.ring.request;

import io.chainring.ring.memory.RingFields;
import java.nio.ByteBuffer;

/** Fills the fixed parts of a request on the driver side; see {@link RequestHeader} for the layout. */
public final class RequestWriter {
    private RequestWriter() {}

    /**
     * Writes the 16-byte header.
     *
     * @param bytes direct buffer
     * @param at where the header begins, in bytes from the buffer's start
     * @param offsetBytes first byte of the range, a multiple of 512; 0 where there is no range
     * @param flags header flags (FUA, fast zero); 0 unless the private features are negotiated
     * @throws IllegalArgumentException when the offset or the flags cannot be expressed
     */
    public static void header(
            ByteBuffer bytes, int at, Operation operation, long offsetBytes, int flags) {
        checkSectors("offset", offsetBytes);
        if ((flags & ~RequestHeader.HEADER_FLAGS) != 0) {
            throw new IllegalArgumentException(
                    "flags 0x" + Integer.toHexString(flags) + " in a header");
        }
        RingFields.setU32(bytes, at + RequestHeader.TYPE, operation.wireType());
        RingFields.setU32(bytes, at + RequestHeader.RESERVED, flags);
        RingFields.setU64(
                bytes, at + RequestHeader.SECTOR, offsetBytes / RequestHeader.SECTOR_BYTES);
    }

    /**
     * Writes the 16-byte segment that follows the header of discard, write-zeroes and extents.
     *
     * @param bytes direct buffer
     * @param at where the segment begins, in bytes from the buffer's start
     * @param offsetBytes first byte of the range, a multiple of 512
     * @param lengthBytes length of the range, a multiple of 512, at most 2 TiB less one sector
     * @param unmap whether zeroed sectors may give up their space; only for write-zeroes
     * @throws IllegalArgumentException when the range cannot be expressed
     */
    public static void segment(
            ByteBuffer bytes, int at, long offsetBytes, long lengthBytes, boolean unmap) {
        checkSectors("offset", offsetBytes);
        checkSectors("length", lengthBytes);
        long sectors = lengthBytes / RequestHeader.SECTOR_BYTES;
        if (sectors > 0xFFFF_FFFFL) {
            throw new IllegalArgumentException(
                    "a segment cannot be " + lengthBytes + " bytes long");
        }
        RingFields.setU64(
                bytes, at + RequestHeader.SEGMENT_SECTOR, offsetBytes / RequestHeader.SECTOR_BYTES);
        RingFields.setU32(bytes, at + RequestHeader.SEGMENT_SECTORS, sectors);
        RingFields.setU32(
                bytes,
                at + RequestHeader.SEGMENT_FLAGS,
                unmap ? RequestHeader.SEGMENT_FLAG_UNMAP : 0);
    }

    private static void checkSectors(String what, long bytes) {
        if (bytes < 0 || bytes % RequestHeader.SECTOR_BYTES != 0) {
            throw new IllegalArgumentException(
                    "%s %s is not a multiple of %s bytes"
                            .formatted(what, bytes, RequestHeader.SECTOR_BYTES));
        }
    }
}
