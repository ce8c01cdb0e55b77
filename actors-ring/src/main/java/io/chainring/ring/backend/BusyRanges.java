package io.chainring.ring.backend;

import java.util.Arrays;

/**
 * Ranges of a disk that are in use, and whether a chain may join them (invariant I4): of two that overlap neither may
 * write. A plain list: it holds what is in flight, hundreds at most, and a scan of that is cheaper than a tree.
 */
public final class BusyRanges {
    private long[] start = new long[64];
    private long[] end = new long[64];
    private boolean[] writes = new boolean[64];
    private int count;

    /** Number of ranges held. */
    public int count() {
        return count;
    }

    /** Forgets all ranges. */
    public void clear() {
        count = 0;
    }

    /**
     * True when [offset, offset + length) overlaps a range here and one of the two writes.
     *
     * @param offsetBytes start
     * @param lengthBytes length; 0 never conflicts
     * @param writing whether the asking chain writes
     */
    public boolean conflicts(long offsetBytes, long lengthBytes, boolean writing) {
        long last = offsetBytes + lengthBytes;
        for (int i = 0; i < count; i++) {
            if (start[i] < last && offsetBytes < end[i] && (writing || writes[i])) {
                return true;
            }
        }
        return false;
    }

    /** Adds a range; an empty one is not held. */
    public void add(long offsetBytes, long lengthBytes, boolean writing) {
        if (lengthBytes == 0) {
            return;
        }
        if (count == start.length) {
            start = Arrays.copyOf(start, count * 2);
            end = Arrays.copyOf(end, count * 2);
            writes = Arrays.copyOf(writes, count * 2);
        }
        start[count] = offsetBytes;
        end[count] = offsetBytes + lengthBytes;
        writes[count] = writing;
        count++;
    }

    /**
     * Takes one equal range out.
     *
     * @throws IllegalStateException when it is not here
     */
    public void remove(long offsetBytes, long lengthBytes, boolean writing) {
        if (lengthBytes == 0) {
            return;
        }
        for (int i = 0; i < count; i++) {
            if (start[i] == offsetBytes
                    && end[i] == offsetBytes + lengthBytes
                    && writes[i] == writing) {
                count--;
                start[i] = start[count];
                end[i] = end[count];
                writes[i] = writes[count];
                return;
            }
        }
        throw new IllegalStateException("no busy range " + offsetBytes + "+" + lengthBytes);
    }
}
