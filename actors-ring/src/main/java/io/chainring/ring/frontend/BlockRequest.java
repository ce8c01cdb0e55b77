package io.chainring.ring.frontend;

import io.chainring.ring.request.Operation;
import org.jspecify.annotations.Nullable;

/**
 * One request of a client, and after its completion the outcome.
 *
 * <p>Handed over with {@link RingPort#submit}; not to be touched until it comes back through {@link
 * CompletionSink#completed}.
 */
public final class BlockRequest {
    private final Operation operation;
    private final long offsetBytes;
    private final long lengthBytes;
    private final int flags;
    private final @Nullable Payload payload;
    private final long tag;

    private byte status;
    private int writtenBytes;
    private long submittedNanos;

    /**
     * @param operation what to do
     * @param offsetBytes any byte of the disk; 0 where the operation has no range
     * @param lengthBytes of any size; 0 where the operation has no range
     * @param flags bits of {@link io.chainring.ring.request.RequestHeader}
     * @param payload ring memory with the data to write, or to be filled; null for flush, discard and write-zeroes
     * @param tag the client's own mark, untouched
     */
    public BlockRequest(
            Operation operation,
            long offsetBytes,
            long lengthBytes,
            int flags,
            @Nullable Payload payload,
            long tag) {
        this.operation = operation;
        this.offsetBytes = offsetBytes;
        this.lengthBytes = lengthBytes;
        this.flags = flags;
        this.payload = payload;
        this.tag = tag;
    }

    public Operation operation() {
        return operation;
    }

    public long offsetBytes() {
        return offsetBytes;
    }

    public long lengthBytes() {
        return lengthBytes;
    }

    public int flags() {
        return flags;
    }

    public @Nullable Payload payload() {
        return payload;
    }

    public long tag() {
        return tag;
    }

    /** One of {@link io.chainring.ring.request.ChainStatus}; valid once completed. */
    public byte status() {
        return status;
    }

    /** Bytes of the payload that the device filled; valid once completed. */
    public int writtenBytes() {
        return writtenBytes;
    }

    void complete(byte status, int writtenBytes) {
        this.status = status;
        this.writtenBytes = writtenBytes;
        if (payload != null) {
            payload.inRing(false);
        }
    }

    /** From now on until its completion its payload is the ring's. */
    void handOver() {
        if (payload != null) {
            payload.inRing(true);
        }
    }

    /** When it was submitted, in System.nanoTime. */
    long submittedNanos() {
        return submittedNanos;
    }

    void submittedNanos(long nanos) {
        this.submittedNanos = nanos;
    }
}
