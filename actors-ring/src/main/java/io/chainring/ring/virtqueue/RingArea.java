package io.chainring.ring.virtqueue;

/** Offsets that the available and the used ring share (virtio 1.2, sections 2.7.6 and 2.7.8). */
final class RingArea {
    static final int FLAGS = 0;
    static final int IDX = 2;
    static final int RING = 4;

    static final int AVAILABLE_ELEMENT_BYTES = 2;
    static final int USED_ELEMENT_BYTES = 8;

    /** In the available ring: do not notify. In the used ring: do not kick. */
    static final int FLAG_SUPPRESS = 1;

    static final int U16_MASK = 0xFFFF;

    private RingArea() {}

    /**
     * Whether the other side asked to be woken when its event index was passed by moving the index from
     * {@code oldCount} to {@code newCount} (section 2.7.10, {@code vring_need_event}). Counts do not
     * wrap; after 65536 or more steps the event index was passed whatever it is.
     */
    static boolean eventPassed(int eventIndex, long newCount, long oldCount) {
        long steps = newCount - oldCount;
        return steps > U16_MASK || ((newCount - eventIndex - 1) & U16_MASK) < steps;
    }
}
