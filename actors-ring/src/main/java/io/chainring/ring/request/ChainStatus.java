package io.chainring.ring.request;

/**
 * The status byte that ends a chain: those of virtio 1.2, section 5.2.6, and finer ones that only
 * our own two sides exchange.
 */
public final class ChainStatus {
    /** Done (VIRTIO_BLK_S_OK). */
    public static final byte OK = 0;

    /** Input/output error (VIRTIO_BLK_S_IOERR). */
    public static final byte IOERR = 1;

    /** Not supported (VIRTIO_BLK_S_UNSUPP). */
    public static final byte UNSUPP = 2;

    /** No space left in the store; for guests IOERR. */
    public static final byte NOSPC = 0x10;

    /** The disk may not be written; for guests IOERR. */
    public static final byte READONLY = 0x11;

    /** The request contradicts itself or the disk's size; for guests IOERR. */
    public static final byte INVALID = 0x12;

    private ChainStatus() {}

    /** The status as virtio knows it, for a side that has not negotiated the private ones. */
    public static byte forGuest(byte status) {
        return switch (status) {
            case OK, IOERR, UNSUPP -> status;
            default -> IOERR;
        };
    }

    /** Name for messages and logs. */
    public static String name(byte status) {
        return switch (status) {
            case OK -> "OK";
            case IOERR -> "IOERR";
            case UNSUPP -> "UNSUPP";
            case NOSPC -> "NOSPC";
            case READONLY -> "READONLY";
            case INVALID -> "INVALID";
            default -> String.format("0x%02x", status);
        };
    }
}
