package io.chainring.ring.frontend;

import java.util.List;

/**
 * A client's end of one open ring. Not thread-safe: one thread submits.
 */
public interface RingPort {

    /** Payload buffers in this ring's memory. */
    PayloadPool payloads();

    /** Size of the disk in bytes. */
    long capacityBytes();

    /** Most payload bytes of one request; a larger one would break the ring. */
    default long maxRequestBytes() {
        return payloads().limitBytes();
    }

    /** Requests that may be outstanding at once; the client holds back the rest (invariant I10). */
    int maxOutstandingRequests();

    /**
     * Puts requests into the ring, in order.
     *
     * @param requests one batch; handed over
     *     <p>More than {@link #maxOutstandingRequests} outstanding is a client's error that ends the ring.
     */
    void submit(List<BlockRequest> requests);

    /**
     * The client is gone or done: what has not begun is dropped, what has begun finishes, then {@link
     * CompletionSink#closed} is called. Idempotent.
     */
    void close();
}
