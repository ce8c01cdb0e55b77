package io.chainring.ring.virtqueue;

/**
 * Where the three areas of a split virtqueue lie (virtio 1.2, section 2.7):
 *
 * <pre>
 * descriptor table  16 bytes each   { le64 address; le32 length; le16 flags; le16 next }
 * available ring    6 + 2 * size    { le16 flags; le16 idx; le16 ring[size]; le16 used_event }
 * used ring         6 + 8 * size    { le16 flags; le16 idx; { le32 id; le32 len } ring[size]; le16 avail_event }
 * </pre>
 *
 * @param sizeDescriptors number of descriptors, a power of two up to 32768
 * @param descriptorTableAddress a multiple of 16
 * @param availableRingAddress a multiple of 2; written by the driver
 * @param usedRingAddress a multiple of 4; written by the device
 */
public record QueueLayout(
        int sizeDescriptors,
        long descriptorTableAddress,
        long availableRingAddress,
        long usedRingAddress) {

    /** Largest size of a queue (section 2.7). */
    public static final int MAX_SIZE_DESCRIPTORS = 32768;

    /** Multiple that keeps areas written by different sides on different cache lines. */
    private static final int LINE_BYTES = 64;

    /**
     * Validates size and alignment.
     *
     * @throws IllegalArgumentException when one of them breaks section 2.7
     */
    public QueueLayout {
        checkSize(sizeDescriptors);
        checkAligned("descriptor table", descriptorTableAddress, Descriptor.BYTES);
        checkAligned("available ring", availableRingAddress, 2);
        checkAligned("used ring", usedRingAddress, 4);
    }

    /**
     * A layout with the three areas behind each other; the region must hold {@link #bytesFor} bytes
     * from the base address on. A base address at a multiple of 64 keeps cache lines apart.
     */
    public static QueueLayout contiguous(long baseAddress, int sizeDescriptors) {
        checkSize(sizeDescriptors);
        return new QueueLayout(
                sizeDescriptors,
                baseAddress,
                baseAddress + availableOffset(sizeDescriptors),
                baseAddress + usedOffset(sizeDescriptors));
    }

    /** Bytes that a {@link #contiguous} layout of this size takes, a multiple of 64. */
    public static int bytesFor(int sizeDescriptors) {
        checkSize(sizeDescriptors);
        return roundUp(usedOffset(sizeDescriptors) + usedBytes(sizeDescriptors));
    }

    int descriptorTableBytes() {
        return Descriptor.BYTES * sizeDescriptors;
    }

    int availableRingBytes() {
        return availableBytes(sizeDescriptors);
    }

    int usedRingBytes() {
        return usedBytes(sizeDescriptors);
    }

    private static int availableOffset(int sizeDescriptors) {
        return roundUp(Descriptor.BYTES * sizeDescriptors);
    }

    private static int usedOffset(int sizeDescriptors) {
        return roundUp(availableOffset(sizeDescriptors) + availableBytes(sizeDescriptors));
    }

    private static int availableBytes(int sizeDescriptors) {
        return RingArea.RING + RingArea.AVAILABLE_ELEMENT_BYTES * sizeDescriptors + Short.BYTES;
    }

    private static int usedBytes(int sizeDescriptors) {
        return RingArea.RING + RingArea.USED_ELEMENT_BYTES * sizeDescriptors + Short.BYTES;
    }

    private static int roundUp(int bytes) {
        return (bytes + LINE_BYTES - 1) & -LINE_BYTES;
    }

    private static void checkSize(int sizeDescriptors) {
        if (Integer.bitCount(sizeDescriptors) != 1
                || sizeDescriptors < 1
                || sizeDescriptors > MAX_SIZE_DESCRIPTORS) {
            throw new IllegalArgumentException(
                    "queue size must be a power of two from 1 to %s descriptors, not %s"
                            .formatted(MAX_SIZE_DESCRIPTORS, sizeDescriptors));
        }
    }

    private static void checkAligned(String area, long address, int multiple) {
        if (address % multiple != 0) {
            throw new IllegalArgumentException(
                    "%s address 0x%s is not a multiple of %s"
                            .formatted(area, Long.toHexString(address), multiple));
        }
    }
}
