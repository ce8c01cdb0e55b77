package io.chainring.ring.turn;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.memory.RingViolationException;
import io.chainring.ring.request.ChainRequest;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.RequestParser;
import io.chainring.ring.virtqueue.ChainBuffers;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads chains out of ring memory, validated. After {@link #read} either {@link #chain} holds the chain, or {@link
 * #status} says with which error it ends.
 */
final class ChainReader {
    private final ChainBuffers buffers;
    private final ChainRequest request = new ChainRequest();
    private final RequestParser parser = new RequestParser();
    private @Nullable Chain chain;
    private byte status;
    private long capacityBytes;

    ChainReader(BackendLimits limits) {
        this.buffers = new ChainBuffers(limits.chainLimitSegments(), limits.chainLimitBytes());
    }

    /**
     * @throws RingViolationException when the ring cannot go on
     */
    void read(AttachedRing ring, int head, int generation) {
        if (ring.device == null || ring.transport == null) {
            throw new IllegalStateException("ring " + ring.ringId + " has no memory");
        }
        chain = null;
        ring.device.read(head, buffers);
        status = parser.parse(buffers, capacityBytes, ring.transport.privateFeatures(), request);
        ring.statusByte[head] = request.status().slice();
        if (status == ChainStatus.OK) {
            chain =
                    new Chain(
                            ring.ringId,
                            head,
                            generation,
                            request.operation(),
                            request.offsetBytes(),
                            request.lengthBytes(),
                            request.flags(),
                            segments());
        }
    }

    /**
     * As {@link #read}, for a chain that may have killed its backend here: an error in the reading breaks the ring, so
     * that the disk goes on (K9).
     */
    void readPoison(AttachedRing ring, int head, int generation) {
        try {
            read(ring, head, generation);
        } catch (RingViolationException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new RingViolationException("head " + head + " cannot be read: " + e);
        }
    }

    long capacityBytes() {
        return capacityBytes;
    }

    /** What a chain may reach from now on. */
    void capacityBytes(long presentBytes) {
        capacityBytes = presentBytes;
    }

    /** The chain that was read, or null when it ends with {@link #status}. */
    @Nullable Chain chain() {
        return chain;
    }

    /** OK, or the error with which the chain ends. */
    byte status() {
        return status;
    }

    private ByteBuffer[] segments() {
        ByteBuffer[] segments = new ByteBuffer[request.dataCount()];
        for (int i = 0; i < segments.length; i++) {
            segments[i] = request.data()[i].slice();
        }
        return segments;
    }
}
