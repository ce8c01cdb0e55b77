package io.chainring.ring.request;

/**
 * Sizes, offsets and flags of a request's fields (virtio 1.2, section 5.2.6):
 *
 * <pre>
 * header    16 bytes  { le32 type; le32 reserved; le64 sector }
 * segment   16 bytes  { le64 sector; le32 num_sectors; le32 flags (1 = unmap) }   discard, write-zeroes, extents
 * status     1 byte   last of the writable bytes
 * </pre>
 *
 * <p>Where both sides have negotiated the private features, {@code reserved} holds flags, and the bytes of the range that
 * sectors cannot express, so that a range begins and ends at any byte. Of whole sectors they are 0, and the request is
 * virtio's own:
 *
 * <pre>
 *   31..29 | 28........20 | 19..17 | 16.........8 | 7....0
 *      0   | length % 512 |    0   | offset % 512 | flags     length: only where a segment tells it
 * </pre>
 */
public final class RequestHeader {
    /** Unit of offsets and lengths in virtio's own fields, in bytes. */
    public static final int SECTOR_BYTES = 512;

    /** Length of the header in bytes. */
    public static final int HEADER_BYTES = 16;

    /** Length of a discard, write-zeroes or extents segment in bytes. */
    public static final int SEGMENT_BYTES = 16;

    /** Length of the identity that GET_ID reports, in bytes. */
    public static final int ID_BYTES = 20;

    /** Complete only when the data is on stable storage (private, in the header). */
    public static final int FLAG_FUA = 1;

    /** Zeroed sectors may give up their space (virtio's unmap bit, in the segment). */
    public static final int FLAG_UNMAP = 2;

    /** Write zeroes only if that is faster than writing data, else UNSUPP (private, in the header). */
    public static final int FLAG_FAST_ZERO = 4;

    static final int HEADER_FLAGS = FLAG_FUA | FLAG_FAST_ZERO;

    static final int OFFSET_REST_SHIFT = 8;
    static final int LENGTH_REST_SHIFT = 20;
    static final int REST_MASK = SECTOR_BYTES - 1;
    static final int RESTS = REST_MASK << OFFSET_REST_SHIFT | REST_MASK << LENGTH_REST_SHIFT;

    static final int TYPE = 0;
    static final int RESERVED = 4;
    static final int SECTOR = 8;

    static final int SEGMENT_SECTOR = 0;
    static final int SEGMENT_SECTORS = 8;
    static final int SEGMENT_FLAGS = 12;
    static final int SEGMENT_FLAG_UNMAP = 1;

    private RequestHeader() {}
}
