package io.chainring.ring.execute;

import io.chainring.ring.request.Operation;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One chain as its executor sees it: who it is, what to do, and the buffers to do it with.
 *
 * <p>A chain is identified by (ring id, head, generation). The backend creates it, hands it over, and
 * does not touch the outcome before the executor gives it back; the executor sets the outcome once with
 * {@link #finish} and does not touch the buffers afterwards.
 */
public final class Chain {
    private static final int HASH_FACTOR = 0x9E37_79B1;

    private final long ringId;
    private final int head;
    private final int generation;
    private long beginSequence;
    private final Operation operation;
    private final long offsetBytes;
    private final long lengthBytes;
    private final int flags;
    private final ByteBuffer[] data;

    private byte status;
    private int writtenBytes;
    private long outcomeSequence;

    /**
     * @param ringId the ring it came through, unique in the life of the disk
     * @param head index of the first descriptor
     * @param generation which use of that head this is
     * @param operation what to do
     * @param offsetBytes start of the range on the disk; 0 where the operation has none
     * @param lengthBytes length of the range; 0 where the operation has none
     * @param flags bits of {@link io.chainring.ring.request.RequestHeader}
     * @param data buffers to read from (write) or to fill (read, get-id, extents), in order
     */
    public Chain(
            long ringId,
            int head,
            int generation,
            Operation operation,
            long offsetBytes,
            long lengthBytes,
            int flags,
            ByteBuffer[] data) {
        this.ringId = ringId;
        this.head = head;
        this.generation = generation;
        this.operation = operation;
        this.offsetBytes = offsetBytes;
        this.lengthBytes = lengthBytes;
        this.flags = flags;
        this.data = data;
    }

    public long ringId() {
        return ringId;
    }

    public int head() {
        return head;
    }

    public int generation() {
        return generation;
    }

    /** Its place in the order of begins on this disk; 0 while it has not begun. */
    public long beginSequence() {
        return beginSequence;
    }

    /** Set by the backend when it marks the chain. */
    public void beginSequence(long sequence) {
        this.beginSequence = sequence;
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

    /** The chain's own buffers, positions and limits spanning each segment; not a copy. */
    public ByteBuffer[] data() {
        return data;
    }

    /**
     * Sets the outcome.
     *
     * @param status one of {@link io.chainring.ring.request.ChainStatus}
     * @param writtenBytes bytes written into {@link #data()}
     */
    public void finish(byte status, int writtenBytes) {
        this.status = status;
        this.writtenBytes = writtenBytes;
    }

    /** The status that {@link #finish} set. */
    public byte status() {
        return status;
    }

    /** Bytes of {@link #data()} that the executor filled. */
    public int writtenBytes() {
        return writtenBytes;
    }

    /** The executor's number of this outcome; grows by one with each outcome of one incarnation. */
    public long outcomeSequence() {
        return outcomeSequence;
    }

    /** Set by the executor when it keeps the outcome for the backend. */
    public void outcomeSequence(long sequence) {
        this.outcomeSequence = sequence;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    /** Chains are looked up often: this is cheaper than the number that an object gets of its own. */
    @Override
    public int hashCode() {
        return HASH_FACTOR * Long.hashCode(ringId) + head;
    }

    @Override
    public String toString() {
        return operation
                + " "
                + offsetBytes
                + "+"
                + lengthBytes
                + " ring "
                + ringId
                + " head "
                + head
                + " generation "
                + Integer.toUnsignedString(generation);
    }
}
