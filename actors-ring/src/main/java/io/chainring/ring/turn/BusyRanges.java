package io.chainring.ring.turn;

import java.util.Arrays;

/**
 * Ranges of a disk that are claimed, in the order of their claims, and who stands in a newcomer's way (invariant I4): of
 * two that overlap neither may write.
 *
 * <p>A range is cut into aligned blocks of a power of two, one for most requests and never more than twice the bits of
 * its length. They stand in a binary trie by position, in which a block's ancestors contain it and nothing else does:
 *
 * <pre>
 *                    [0, 16)                 [4, 12) = [4, 8) + [8, 12)
 *                   /       \
 *      claim 5: [0, 8)     [8, 12) : claim 2      what overlaps [6, 8): 5, in an ancestor; 2 is beside it
 *               /    \                            what overlaps [0, 8): 5 in the block itself, 1 and 2 below it
 *   claim 1: [0, 2)  [4, 8) : claim 2
 * </pre>
 *
 * Each node knows its own claims, oldest first, and the oldest and the youngest read and write in and below it. So a look
 * goes down one path for each block, and a change up one: no deeper than the present claims lie apart, at most the bits of
 * a disk's size.
 */
public final class BusyRanges {
    /** No claim. */
    public static final int NONE = -1;

    private final RangeNodes nodes = new RangeNodes();
    private int[] node = new int[64];
    private int[] before = new int[64];
    private int[] after = new int[64];
    private int[] nextOfClaim = new int[64];
    private int[] claim = new int[64];
    private long[] order = new long[64];
    private boolean[] writing = new boolean[64];
    private int used;
    private int free = NONE;
    private int count;

    /** Number of claims held. */
    public int count() {
        return count;
    }

    /** Steps from node to node so far, of all looks and changes: what they cost. */
    long visits() {
        return nodes.visits();
    }

    /** When a claim was made, as it was told to {@link #add}. */
    public long order(int ofClaim) {
        return order[ofClaim];
    }

    /** True when [offset, offset + length) overlaps a claim and one of the two writes. */
    public boolean conflicts(long offsetBytes, long lengthBytes, boolean writes) {
        return oldest(offsetBytes, lengthBytes, writes) != NONE;
    }

    /**
     * The oldest claim that overlaps [offset, offset + length) where one of the two writes.
     *
     * @param offsetBytes start, at least 0
     * @param lengthBytes length; an empty range overlaps nothing
     * @param writes whether the asking chain writes
     * @return the claim, or {@link #NONE}
     */
    public int oldest(long offsetBytes, long lengthBytes, boolean writes) {
        return find(offsetBytes, lengthBytes, writes, false);
    }

    /** As {@link #oldest}, the youngest one. */
    public int youngest(long offsetBytes, long lengthBytes, boolean writes) {
        return find(offsetBytes, lengthBytes, writes, true);
    }

    private int find(long offsetBytes, long lengthBytes, boolean writes, boolean youngest) {
        int found = NONE;
        long end = end(offsetBytes, lengthBytes);
        for (long at = offsetBytes; at < end; ) {
            int level = blockLevel(at, end);
            found = better(found, findAt(at, level, writes, youngest), youngest);
            at += 1L << level;
        }
        return found == NONE ? NONE : claim[found];
    }

    private int findAt(long base, int level, boolean writes, boolean youngest) {
        int found = NONE;
        int at = nodes.root();
        while (at != NONE && nodes.level(at) > level && nodes.contains(at, base)) {
            found = better(found, nodes.own(at, true, youngest), youngest);
            if (writes) {
                found = better(found, nodes.own(at, false, youngest), youngest);
            }
            at = nodes.child(at, base);
        }
        if (at != NONE && nodes.isWithin(at, base, level)) {
            found = better(found, nodes.inAll(at, true, youngest), youngest);
            if (writes) {
                found = better(found, nodes.inAll(at, false, youngest), youngest);
            }
        }
        return found;
    }

    private int better(int a, int b, boolean youngest) {
        if (a == NONE || b == NONE) {
            return a == NONE ? b : a;
        }
        return order[b] < order[a] == youngest ? a : b;
    }

    /**
     * Claims a range.
     *
     * @param claimOrder when; not before that of any claim held
     * @return the claim, to be given to {@link #remove}, a small number that another one gets when this one is gone; or
     *     {@link #NONE} for an empty range, which is not held
     */
    public int add(long offsetBytes, long lengthBytes, boolean writes, long claimOrder) {
        int first = NONE;
        int last = NONE;
        long end = end(offsetBytes, lengthBytes);
        for (long at = offsetBytes; at < end; ) {
            int level = blockLevel(at, end);
            int piece = newPiece(writes, claimOrder);
            if (first == NONE) {
                first = piece;
                count++;
            } else {
                nextOfClaim[last] = piece;
            }
            claim[piece] = first;
            last = piece;
            link(piece, nodes.at(at, level));
            at += 1L << level;
        }
        return first;
    }

    /**
     * Takes a claim out.
     *
     * @throws IllegalStateException when it is not here
     */
    public void remove(int oldClaim) {
        if (oldClaim == NONE) {
            return;
        }
        if (oldClaim < 0 || oldClaim >= used || claim[oldClaim] != oldClaim) {
            throw new IllegalStateException("no claim " + oldClaim);
        }
        count--;
        for (int piece = oldClaim; piece != NONE; ) {
            int next = nextOfClaim[piece];
            unlink(piece);
            claim[piece] = NONE;
            nextOfClaim[piece] = free;
            free = piece;
            piece = next;
        }
    }

    /** End of a range; what a journal claims beyond the largest offset ends there. */
    private static long end(long offsetBytes, long lengthBytes) {
        if (offsetBytes < 0 || lengthBytes < 0) {
            throw new IllegalArgumentException("no range: " + offsetBytes + "+" + lengthBytes);
        }
        return lengthBytes > Long.MAX_VALUE - offsetBytes
                ? Long.MAX_VALUE
                : offsetBytes + lengthBytes;
    }

    /** Bits of the largest aligned block that begins here and ends in time. */
    private static int blockLevel(long at, long end) {
        int fits = 63 - Long.numberOfLeadingZeros(end - at);
        return Math.min(fits, Long.numberOfTrailingZeros(at));
    }

    private void link(int piece, int at) {
        boolean writes = writing[piece];
        int last = nodes.own(at, writes, true);
        node[piece] = at;
        before[piece] = last;
        after[piece] = NONE;
        if (last == NONE) {
            nodes.own(at, writes, false, piece);
        } else {
            after[last] = piece;
        }
        nodes.own(at, writes, true, piece);
        for (int up = at; up != NONE; up = nodes.parent(up)) {
            nodes.inAll(up, writes, true, piece);
            if (nodes.inAll(up, writes, false) == NONE) {
                nodes.inAll(up, writes, false, piece);
            }
        }
    }

    private void unlink(int piece) {
        boolean writes = writing[piece];
        int at = node[piece];
        if (before[piece] == NONE) {
            nodes.own(at, writes, false, after[piece]);
        } else {
            after[before[piece]] = after[piece];
        }
        if (after[piece] == NONE) {
            nodes.own(at, writes, true, before[piece]);
        } else {
            before[after[piece]] = before[piece];
        }
        replaceInAll(piece, at, writes, false);
        replaceInAll(piece, at, writes, true);
        nodes.dropUnused(at);
    }

    /** Finds another oldest or youngest one for the nodes that had this one. */
    private void replaceInAll(int piece, int at, boolean writes, boolean youngest) {
        int up = at;
        while (up != NONE && nodes.inAll(up, writes, youngest) == piece) {
            int found = nodes.own(up, writes, youngest);
            found = better(found, nodes.below(up, false, writes, youngest), youngest);
            found = better(found, nodes.below(up, true, writes, youngest), youngest);
            nodes.inAll(up, writes, youngest, found);
            up = nodes.parent(up);
        }
    }

    private int newPiece(boolean writes, long claimOrder) {
        int piece = free;
        if (piece == NONE) {
            piece = used++;
            if (piece == node.length) {
                grow(2 * piece);
            }
        } else {
            free = nextOfClaim[piece];
        }
        nextOfClaim[piece] = NONE;
        writing[piece] = writes;
        order[piece] = claimOrder;
        return piece;
    }

    private void grow(int size) {
        node = Arrays.copyOf(node, size);
        before = Arrays.copyOf(before, size);
        after = Arrays.copyOf(after, size);
        nextOfClaim = Arrays.copyOf(nextOfClaim, size);
        claim = Arrays.copyOf(claim, size);
        order = Arrays.copyOf(order, size);
        writing = Arrays.copyOf(writing, size);
    }
}
