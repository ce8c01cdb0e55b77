package io.chainring.ring.backend;

/**
 * Which chain the backend has in hand. It outlives the backend: what is set here when an incarnation begins was being
 * processed when the earlier one died, and is counted as that chain's attempt. A kill between chains leaves nothing
 * here. Written by the backend alone, read by its successor.
 */
public final class ProcessingCursor {
    private boolean set;
    private long ringId;
    private int head;
    private int generation;

    void hold(long heldRingId, int heldHead, int heldGeneration) {
        ringId = heldRingId;
        head = heldHead;
        generation = heldGeneration;
        set = true;
    }

    void clear() {
        set = false;
    }

    boolean isSet() {
        return set;
    }

    long ringId() {
        return ringId;
    }

    int head() {
        return head;
    }

    int generation() {
        return generation;
    }
}
