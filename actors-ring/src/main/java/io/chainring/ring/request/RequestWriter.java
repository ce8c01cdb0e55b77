package io.chainring.ring.request;

import io.chainring.ring.memory.RingFields;
import java.nio.ByteBuffer;

/** Fills the fixed parts of a request on the driver side; see {@link RequestHeader} for the layout. */
public final class RequestWriter {
    private RequestWriter() {}

    /**
     * Writes the fixed part: the 16-byte header, and for discard, write-zeroes and extents the 16-byte segment behind it.
     *
     * @param bytes direct buffer
     * @param at where the header begins, in bytes from the buffer's start
     * @param offsetBytes first byte of the range; 0 where there is no range
     * @param lengthBytes length of the range, of a segment at most 2 TiB less one byte; of no matter where there is no
     *     segment
     * @param flags those of {@link RequestHeader}; those that the operation does not know are left out
     * @return length of what was written, in bytes
     * @throws IllegalArgumentException when the range cannot be expressed
     */
    public static int write(
            ByteBuffer bytes,
            int at,
            Operation operation,
            long offsetBytes,
            long lengthBytes,
            int flags) {
        if (!isExpressible(offsetBytes, lengthBytes)) {
            throw new IllegalArgumentException(
                    "%s %s+%s cannot be expressed".formatted(operation, offsetBytes, lengthBytes));
        }
        boolean segment = operation.hasSegment();
        int offsetRest = (int) offsetBytes & RequestHeader.REST_MASK;
        int lengthRest = segment ? (int) lengthBytes & RequestHeader.REST_MASK : 0;
        long sector = offsetBytes / RequestHeader.SECTOR_BYTES;
        RingFields.setU32(bytes, at + RequestHeader.TYPE, operation.wireType());
        RingFields.setU32(
                bytes,
                at + RequestHeader.RESERVED,
                flags & RequestHeader.HEADER_FLAGS
                        | offsetRest << RequestHeader.OFFSET_REST_SHIFT
                        | lengthRest << RequestHeader.LENGTH_REST_SHIFT);
        RingFields.setU64(bytes, at + RequestHeader.SECTOR, segment ? 0 : sector);
        if (!segment) {
            return RequestHeader.HEADER_BYTES;
        }
        int behind = at + RequestHeader.HEADER_BYTES;
        boolean unmap =
                operation == Operation.WRITE_ZEROES && (flags & RequestHeader.FLAG_UNMAP) != 0;
        RingFields.setU64(bytes, behind + RequestHeader.SEGMENT_SECTOR, sector);
        RingFields.setU32(
                bytes,
                behind + RequestHeader.SEGMENT_SECTORS,
                lengthBytes / RequestHeader.SECTOR_BYTES);
        RingFields.setU32(
                bytes,
                behind + RequestHeader.SEGMENT_FLAGS,
                unmap ? RequestHeader.SEGMENT_FLAG_UNMAP : 0);
        return RequestHeader.HEADER_BYTES + RequestHeader.SEGMENT_BYTES;
    }

    /** Whether a header and a segment have room for a range. */
    public static boolean isExpressible(long offsetBytes, long lengthBytes) {
        return offsetBytes >= 0
                && lengthBytes >= 0
                && lengthBytes / RequestHeader.SECTOR_BYTES <= 0xFFFF_FFFFL;
    }
}
