package io.chainring.ring.frontend;

import java.nio.ByteBuffer;

/**
 * Payload memory of one request inside a ring's memory: one or more segments that the device reads or fills in place.
 */
public final class Payload {
    private final PayloadPool pool;
    private final PayloadPool.Block[] blocks;
    private final ByteBuffer[] segments;
    private final int lengthBytes;
    private boolean released;
    private volatile boolean inRing;
    private int place;

    Payload(PayloadPool pool, PayloadPool.Block[] blocks, int lengthBytes) {
        this.pool = pool;
        this.blocks = blocks;
        this.lengthBytes = lengthBytes;
        this.segments = new ByteBuffer[blocks.length];
        int rest = lengthBytes;
        for (int i = 0; i < blocks.length; i++) {
            int part = Math.min(rest, blocks[i].sizeBytes());
            segments[i] = blocks[i].view(part);
            rest -= part;
        }
    }

    /** Total length in bytes. */
    public int lengthBytes() {
        return lengthBytes;
    }

    /** Number of segments. */
    public int segmentCount() {
        return segments.length;
    }

    /** Segment i: a view of ring memory whose position is the client's own to move; its limit is the segment's end. */
    public ByteBuffer segment(int i) {
        return segments[i];
    }

    /** Address of segment i in ring memory. */
    long addressOf(int i) {
        return blocks[i].addressBytes();
    }

    /** Length of segment i in bytes. */
    int lengthOf(int i) {
        return segments[i].capacity();
    }

    /** Where the pool has it in its list. */
    int place() {
        return place;
    }

    void place(int newPlace) {
        place = newPlace;
    }

    /** Whether it is in the ring's hands, from submission to completion; else in the client's. */
    void inRing(boolean now) {
        inRing = now;
    }

    /** Its ring is gone: what the ring had in hand is void. The pool holds its lock. */
    void endRing() {
        if (inRing && !released) {
            released = true;
        } else if (!released) {
            return;
        }
        pool.free(this, blocks);
    }

    /**
     * Gives the memory back to its pool.
     *
     * @throws IllegalStateException when it was released before
     */
    public void release() {
        if (released) {
            throw new IllegalStateException("payload of " + lengthBytes + " bytes released twice");
        }
        released = true;
        pool.free(this, blocks);
    }
}
