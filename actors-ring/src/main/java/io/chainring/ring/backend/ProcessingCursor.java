package io.chainring.ring.backend;

/**
 * Which chain the backend has in hand. It outlives the backend: what is set here when an incarnation begins was being
 * processed when the earlier one died, and is counted as that chain's attempt. A kill between chains leaves nothing
 * here. Written by the backend alone, read by its successor.
 */
public final class ProcessingCursor {
    private boolean set;
    private long countedInEpoch;
    private long ringId;
    private int head;
    private int generation;

    void hold(long heldRingId, int heldHead, int heldGeneration) {
        ringId = heldRingId;
        head = heldHead;
        generation = heldGeneration;
        set = true;
        countedInEpoch = 0;
    }

    /** The record that begins this epoch counts the attempt; whether it is stored, nobody knows yet. */
    void countedIn(long epoch) {
        countedInEpoch = epoch;
    }

    /** True when a stored record has counted what is held: the last epoch that was stored is this one. */
    boolean isCountedBy(long storedEpoch) {
        return countedInEpoch != 0 && storedEpoch >= countedInEpoch;
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
