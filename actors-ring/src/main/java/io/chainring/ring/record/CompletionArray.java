package io.chainring.ring.record;

/**
 * The completion array of one ring (US20190155539A1, the second array): one element a head, holding generation and
 * status of the last completed chain, so that a completion which its frontend may not have seen can be published again
 * without executing anything.
 */
public interface CompletionArray {

    /** True when the head's latest chain is completed and its outcome is kept. */
    boolean isCompleted(int head);

    /** Generation of the head's latest chain, begun or completed; 0 when there was none. Unsigned. */
    int generation(int head);

    /** Status of the completed chain, one of {@link io.chainring.ring.request.ChainStatus}. */
    byte status(int head);

    /** Bytes that the device wrote into the completed chain's data buffers. */
    int writtenBytes(int head);
}
