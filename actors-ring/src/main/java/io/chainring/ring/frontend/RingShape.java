package io.chainring.ring.frontend;

/**
 * Size of one client's ring.
 *
 * @param sizeDescriptors descriptors of the ring, a power of two; a third of it is how many requests may be outstanding
 * @param payloadLimitBytes most payload memory of the ring; at least what its largest request needs
 */
public record RingShape(int sizeDescriptors, long payloadLimitBytes) {

    /** The defaults of {@code reference.conf}: 170 requests outstanding, 64 MiB of payload. */
    public static final RingShape DEFAULT = new RingShape(512, 64L << 20);

    /** Checks what {@link io.chainring.ring.virtqueue.QueueLayout} and the payload pool would refuse later. */
    public RingShape {
        if (sizeDescriptors < 4
                || sizeDescriptors > 32768
                || Integer.bitCount(sizeDescriptors) != 1) {
            throw new IllegalArgumentException(
                    "size-descriptors = "
                            + sizeDescriptors
                            + ": allowed are powers of two from 4 to 32768");
        }
        if (payloadLimitBytes < PayloadPool.SLAB_BYTES) {
            throw new IllegalArgumentException(
                    "payload-limit-bytes = "
                            + payloadLimitBytes
                            + ": at least "
                            + PayloadPool.SLAB_BYTES);
        }
    }

    /** Payload segments of one request: a chain is never longer than its ring, nor than an indirect table. */
    public int maxSegmentsOfARequest() {
        return Math.min(ControlBlocks.BUFFER_LIMIT, sizeDescriptors) - 2;
    }

    /** Requests that may be outstanding: a chain needs three descriptors, or one with an indirect table. */
    public int maxOutstandingRequests() {
        return sizeDescriptors / 3;
    }
}
