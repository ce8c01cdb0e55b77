package io.chainring.ring.memory;

import java.nio.ByteBuffer;

/**
 * Ring memory of our own, outside the Java heap, for rings whose two sides live in one JVM. The
 * memory goes back when nothing refers to it any more.
 */
public final class DirectRingMemory extends RegionTable {
    /** A region starts at a page, so each takes up to one more. */
    public static final int PAGE_BYTES = 4096;

    /** Creates a memory without regions. */
    public DirectRingMemory() {}

    /**
     * Allocates a zeroed region that starts at a page and returns its address.
     *
     * @param lengthBytes 1 to 2 GiB less 8 KiB
     */
    public long allocateRegion(int lengthBytes) {
        if (lengthBytes <= 0 || lengthBytes > Integer.MAX_VALUE - 2 * PAGE_BYTES) {
            throw new IllegalArgumentException(
                    "region length out of range: " + lengthBytes + " bytes");
        }
        ByteBuffer raw = ByteBuffer.allocateDirect(lengthBytes + PAGE_BYTES);
        int offset = raw.alignmentOffset(0, PAGE_BYTES);
        int start = offset == 0 ? 0 : PAGE_BYTES - offset;
        return addRegion(raw.slice(start, lengthBytes));
    }

    /** Takes memory that was added out again, for its owner to use elsewhere; nothing in it is in use. */
    public void releaseRegion(long baseAddress) {
        removeRegion(baseAddress);
    }
}
