package io.chainring.ring.turn;

import java.util.Arrays;

/**
 * How long the oldest chain in flight has been so (scenario J1), at a constant cost a turn: chains that one record began
 * share an entry, found by their begin sequence. It outlives the backend's incarnations, so that a kill makes no chain
 * younger. Written by the backend, {@link #oldestSinceNanos} read by anybody.
 *
 * <pre>
 *    head                          tail
 *     | first sequence 10 | 13 | 21 |        a chain belongs to the last entry that does not begin behind it;
 *     | live            0 |  2 |  1 |        entries without live chains leave at the head
 * </pre>
 */
final class FlightAges {
    private long[] firstSequences = new long[64];
    private long[] sinceNanos = new long[64];
    private int[] liveChains = new int[64];
    private int head;
    private int count;
    private volatile long oldestSinceNanos;

    /** System.nanoTime at which the oldest chain in flight began; 0 when none is. */
    long oldestSinceNanos() {
        return oldestSinceNanos;
    }

    /**
     * One record begins chains.
     *
     * @param firstSequence begin sequence of the first one; higher than all before
     */
    void begun(long firstSequence, int chains, long nowNanos) {
        add(firstSequence, chains, nowNanos);
        publish();
    }

    /** A chain's completion goes into a record. */
    void ended(long beginSequence) {
        int at = find(beginSequence);
        if (at >= 0) {
            liveChains[index(at)]--;
            dropEmpty();
            publish();
        }
    }

    /**
     * A new incarnation carries on with these chains and no others. One that is not known here was begun by an earlier
     * process: it counts from now on.
     */
    void resumed(long[] beginSequences, long nowNanos) {
        for (int i = 0; i < count; i++) {
            liveChains[index(i)] = 0;
        }
        int unknown = 0;
        for (long sequence : beginSequences) {
            int at = find(sequence);
            if (at < 0) {
                unknown++;
            } else {
                liveChains[index(at)]++;
            }
        }
        if (unknown > 0) {
            // Only the first incarnation of a process meets them, before it has begun anything
            // itself.
            head = 0;
            count = 0;
            add(Long.MIN_VALUE, beginSequences.length, nowNanos);
        }
        dropEmpty();
        publish();
    }

    private void add(long firstSequence, int chains, long nowNanos) {
        if (count == firstSequences.length) {
            makeRoom();
        }
        int at = index(count++);
        firstSequences[at] = firstSequence;
        // 0 says that there is none.
        sinceNanos[at] = nowNanos == 0 ? 1 : nowNanos;
        liveChains[at] = chains;
    }

    /** Position of the entry that a chain belongs to, or -1. */
    private int find(long sequence) {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (firstSequences[index(middle)] <= sequence) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    private void dropEmpty() {
        while (count > 0 && liveChains[head] <= 0) {
            head = index(1);
            count--;
        }
    }

    private void publish() {
        long oldest = count == 0 ? 0 : sinceNanos[head];
        if (oldest != oldestSinceNanos) {
            oldestSinceNanos = oldest;
        }
    }

    private int index(int position) {
        return (head + position) & (firstSequences.length - 1);
    }

    /** Drops the entries without live chains; there are at most as many others as chains in flight. */
    private void makeRoom() {
        int capacity = firstSequences.length;
        long[] sequences = new long[capacity];
        long[] since = new long[capacity];
        int[] live = new int[capacity];
        int kept = 0;
        for (int i = 0; i < count; i++) {
            int at = index(i);
            if (liveChains[at] > 0) {
                sequences[kept] = firstSequences[at];
                since[kept] = sinceNanos[at];
                live[kept++] = liveChains[at];
            }
        }
        int wanted = kept > capacity / 2 ? 2 * capacity : capacity;
        firstSequences = Arrays.copyOf(sequences, wanted);
        sinceNanos = Arrays.copyOf(since, wanted);
        liveChains = Arrays.copyOf(live, wanted);
        head = 0;
        count = kept;
    }
}
