package io.chainring.ring.request;

import org.jspecify.annotations.Nullable;

/** What a request asks for; the wire types are those of virtio 1.2, section 5.2.6, but for one. */
public enum Operation {
    /** Read bytes (VIRTIO_BLK_T_IN). */
    READ(0, false, true),
    /** Write bytes (VIRTIO_BLK_T_OUT). */
    WRITE(1, true, true),
    /** Put every write completed before on stable storage (VIRTIO_BLK_T_FLUSH). */
    FLUSH(4, false, false),
    /** Give up the contents of a range (VIRTIO_BLK_T_DISCARD). */
    DISCARD(11, true, true),
    /** Make a range read as zeroes (VIRTIO_BLK_T_WRITE_ZEROES). */
    WRITE_ZEROES(13, true, true),
    /** Report the disk's identity, 20 bytes (VIRTIO_BLK_T_GET_ID). */
    GET_ID(8, false, false),
    /** Report which parts of a range are allocated: private to Chainring, see {@link ExtentRecord}. */
    EXTENTS(0x4352_0001, false, true);

    private final int wireType;
    private final boolean writes;
    private final boolean hasRange;

    Operation(int wireType, boolean writes, boolean hasRange) {
        this.wireType = wireType;
        this.writes = writes;
        this.hasRange = hasRange;
    }

    /** The type field of the request's header. */
    public int wireType() {
        return wireType;
    }

    /** Whether it changes what the disk holds. */
    public boolean writes() {
        return writes;
    }

    /** Whether a segment behind the header tells its range; else it begins where the header says. */
    boolean hasSegment() {
        return hasRange && this != READ && this != WRITE;
    }

    /** Whether it concerns a range of the disk. */
    public boolean hasRange() {
        return hasRange;
    }

    /**
     * Whether its range must be free of others that write, or of all when it writes itself (invariant I4). Flush and
     * get-id have no range; extents only look at the map of what is allocated, and may see it before or after a write.
     */
    public boolean claimsRange() {
        return writes || this == READ;
    }

    /** The operation of a type field, or null when it is unknown. */
    public static @Nullable Operation ofWireType(int wireType) {
        return switch (wireType) {
            case 0 -> READ;
            case 1 -> WRITE;
            case 4 -> FLUSH;
            case 8 -> GET_ID;
            case 11 -> DISCARD;
            case 13 -> WRITE_ZEROES;
            case 0x4352_0001 -> EXTENTS;
            default -> null;
        };
    }
}
