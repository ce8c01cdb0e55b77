package io.chainring.ring.record;

import io.chainring.ring.request.Operation;

/**
 * What a ring's recovery reads: both arrays, and of each marked head what was begun. Recovery is written against this
 * door; {@code JournaledArrays} stands behind it with the journal as memory, a region shared with the guest's VMM can.
 */
public interface RecoveryArrays extends StateArray, CompletionArray {

    /** The ring that these arrays belong to. */
    long ringId();

    /** Operation of the marked head's chain. */
    Operation operation(int head);

    /** Start of the marked head's range, in bytes. */
    long offsetBytes(int head);

    /** Length of the marked head's range, in bytes. */
    long lengthBytes(int head);

    /** Request flags of the marked head's chain. */
    int flags(int head);

    /** How often the chain with this head and generation has killed its backend. */
    int attempts(int head, int generation);
}
