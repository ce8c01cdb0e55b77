package io.chainring.ring.record;

/**
 * The I/O state array of one ring (US20190129873A1): one element a head. 0 is the initial value; a backend that begins
 * a chain marks its head with the chain's begin sequence and clears it when the chain is finished. After a failure the
 * elements that differ from the initial value are the starting positions of the chains to process again, and their
 * values are the order.
 */
public interface StateArray {

    /** The initial value of an element: nothing of this head is in process. */
    long INITIAL = 0;

    /** Number of elements: the ring's size in descriptors. */
    int size();

    /** The begin sequence with which the head is marked, or {@link #INITIAL}. */
    long beginSequence(int head);

    /** True when the head differs from the initial value. */
    default boolean isMarked(int head) {
        return beginSequence(head) != INITIAL;
    }

    /** Number of marked heads. */
    int marked();
}
