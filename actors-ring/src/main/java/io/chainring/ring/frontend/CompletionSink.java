package io.chainring.ring.frontend;

import java.util.List;

/**
 * Where a client of a ring hears from it. Called on the frontend's dispatcher, one call at a time; must not block.
 */
public interface CompletionSink {

    /** The ring is open: the journal holds it, at its limit the disk has refused it before. Requests may be submitted from now on. */
    void opened(RingPort port);

    /**
     * Requests that came to an end, each exactly once (invariant I5), in completion order. Their payloads belong to
     * the client again, which releases them when it has read them.
     */
    void completed(List<BlockRequest> requests);

    /**
     * The last call: the ring is gone, none of its chains is running, and requests that were not completed never will
     * be. Their payloads are void.
     *
     * @param reason what ended it, for a log line or an error to the client
     */
    void closed(String reason);
}
