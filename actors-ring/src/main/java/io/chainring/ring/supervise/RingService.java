package io.chainring.ring.supervise;

import io.chainring.ring.frontend.CompletionSink;

/**
 * A disk as its clients reach it: they open rings to it. Thread-safe; survives every death of the actors behind it.
 */
public interface RingService {

    /** Name of the disk. */
    String name();

    /**
     * Opens a ring for one client (one connection). The answer is {@link CompletionSink#opened}, which comes only
     * when every ring of this disk that was closing before this call has been drained (invariant I9) and this one is
     * recorded, or {@link CompletionSink#closed} with the reason when the disk is stopping or at its limit of rings.
     *
     * @return the ring's id, with which {@link #closeRing} may end the ring from now on, also before it is open
     */
    long openRing(CompletionSink sink);

    /**
     * As {@link io.chainring.ring.frontend.RingPort#close}. A ring that was closed before another one's {@link
     * #openRing} was called from the same thread is drained before that other one opens.
     */
    void closeRing(long ringId);
}
