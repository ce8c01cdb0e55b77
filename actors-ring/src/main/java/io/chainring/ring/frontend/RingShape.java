package io.chainring.ring.frontend;

import io.chainring.ring.memory.DirectRingMemory;
import io.chainring.ring.virtqueue.QueueLayout;

/**
 * Size of one client's ring.
 *
 * @param sizeDescriptors descriptors of the ring, a power of two; a third of it is how many requests may be outstanding
 * @param payloadLimitBytes most payload memory of the ring; at least what its largest request needs
 */
public record RingShape(int sizeDescriptors, long payloadLimitBytes) {

    /** The defaults of {@code reference.conf}: 170 requests outstanding, 64 MiB of payload. */
    public static final RingShape DEFAULT = new RingShape(512, 64L << 20);

    /** Payload segments of one request: a chain is never longer than its ring, nor than an indirect table. */
    public int maxSegmentsOfARequest() {
        return Math.min(ControlBlocks.BUFFER_LIMIT, sizeDescriptors) - 2;
    }

    /** Memory of a ring beside its payload, in bytes. */
    public long fixedBytes() {
        return QueueLayout.bytesFor(sizeDescriptors)
                + (long) maxOutstandingRequests() * ControlBlocks.BLOCK_BYTES
                + 2L * DirectRingMemory.PAGE_BYTES;
    }

    /** Requests that may be outstanding: a chain needs three descriptors, or one with an indirect table. */
    public int maxOutstandingRequests() {
        return sizeDescriptors / 3;
    }
}
