package io.chainring.ring.turn;

import java.util.Arrays;

/**
 * The trie of {@link BusyRanges}: aligned blocks, each below the smallest present one that contains it. A node that
 * nobody claims is there only where two ways part, so there are less than two nodes a claimed block. Nodes are numbers,
 * and what they hold are numbers that the owner gives.
 */
final class RangeNodes {
    private static final int NONE = BusyRanges.NONE;

    private long[] base = new long[64];
    private byte[] level = new byte[64];
    private int[] parent = new int[64];

    // Two a node: the half below, the half above.
    private int[] child = new int[128];

    // Four a node: the oldest read, the youngest, the oldest write, the youngest.
    private int[] own = new int[256];
    private int[] inAll = new int[256];

    private int root = NONE;
    private int used;
    private int free = NONE;
    private long visits;

    long visits() {
        return visits;
    }

    int root() {
        return root;
    }

    /** Bits of the block's length: it is as long as 1 shifted by this. */
    int level(int node) {
        visits++;
        return level[node];
    }

    int parent(int node) {
        visits++;
        return parent[node];
    }

    boolean contains(int node, long position) {
        return (base[node] ^ position) >>> level[node] == 0;
    }

    /** Whether the node is the block of this base and level, or lies in it. */
    boolean isWithin(int node, long blockBase, int blockLevel) {
        return level[node] <= blockLevel && (base[node] ^ blockBase) >>> blockLevel == 0;
    }

    /** The child on the way to a position, or NONE. */
    int child(int node, long position) {
        return child[slot(node, isUpper(node, position))];
    }

    /** The oldest or youngest of the node's own claims, or NONE. */
    int own(int node, boolean ofWrites, boolean youngest) {
        return own[slot(node, ofWrites, youngest)];
    }

    void own(int node, boolean ofWrites, boolean youngest, int piece) {
        own[slot(node, ofWrites, youngest)] = piece;
    }

    /** The oldest or youngest claim in and below the node, or NONE. */
    int inAll(int node, boolean ofWrites, boolean youngest) {
        return inAll[slot(node, ofWrites, youngest)];
    }

    void inAll(int node, boolean ofWrites, boolean youngest, int piece) {
        inAll[slot(node, ofWrites, youngest)] = piece;
    }

    /** The oldest or youngest claim in and below a child of the node, or NONE. */
    int below(int node, boolean upper, boolean ofWrites, boolean youngest) {
        int below = child[slot(node, upper)];
        return below == NONE ? NONE : inAll(below, ofWrites, youngest);
    }

    /** The node of a block, made when there is none. */
    int at(long blockBase, int blockLevel) {
        int above = NONE;
        int node = root;
        while (node != NONE && level(node) > blockLevel && contains(node, blockBase)) {
            above = node;
            node = child(node, blockBase);
        }
        if (node == NONE) {
            int fresh = newNode(blockBase, blockLevel);
            hang(fresh, above);
            return fresh;
        }
        if (level[node] == blockLevel && base[node] == blockBase) {
            return node;
        }
        int fresh = newNode(blockBase, blockLevel);
        if (isWithin(node, blockBase, blockLevel)) {
            insert(fresh, above, node);
            return fresh;
        }
        int parting = Long.SIZE - Long.numberOfLeadingZeros(base[node] ^ blockBase);
        int fork = newNode(blockBase >>> parting << parting, parting);
        insert(fork, above, node);
        hang(fresh, fork);
        return fresh;
    }

    /** Puts a node between two. */
    private void insert(int node, int above, int below) {
        hang(node, above);
        hang(below, node);
        System.arraycopy(inAll, 4 * below, inAll, 4 * node, 4);
    }

    private void hang(int node, int above) {
        parent[node] = above;
        if (above == NONE) {
            root = node;
        } else {
            child[slot(above, isUpper(above, base[node]))] = node;
        }
    }

    /** Takes a node out that nobody claims any more and where no ways part; its parent may be such a one then. */
    void dropUnused(int node) {
        int below = child[slot(node, false)];
        int above = child[slot(node, true)];
        if (own(node, false, false) != NONE
                || own(node, true, false) != NONE
                || below != NONE && above != NONE) {
            return;
        }
        int only = below == NONE ? above : below;
        int up = parent(node);
        if (only != NONE) {
            hang(only, up);
        } else if (up == NONE) {
            root = NONE;
        } else {
            child[slot(up, isUpper(up, base[node]))] = NONE;
        }
        parent[node] = free;
        free = node;
        if (only == NONE && up != NONE) {
            dropUnused(up);
        }
    }

    private boolean isUpper(int node, long position) {
        return (position >>> level[node] - 1 & 1) != 0;
    }

    private static int slot(int node, boolean second) {
        return second ? 2 * node + 1 : 2 * node;
    }

    private static int slot(int node, boolean ofWrites, boolean youngest) {
        return 4 * node + (ofWrites ? 2 : 0) + (youngest ? 1 : 0);
    }

    private int newNode(long blockBase, int blockLevel) {
        int node = free;
        if (node == NONE) {
            node = used++;
            if (node == level.length) {
                grow(2 * node);
            }
        } else {
            free = parent[node];
        }
        base[node] = blockBase;
        level[node] = (byte) blockLevel;
        Arrays.fill(child, 2 * node, 2 * node + 2, NONE);
        Arrays.fill(own, 4 * node, 4 * node + 4, NONE);
        Arrays.fill(inAll, 4 * node, 4 * node + 4, NONE);
        return node;
    }

    private void grow(int size) {
        base = Arrays.copyOf(base, size);
        level = Arrays.copyOf(level, size);
        parent = Arrays.copyOf(parent, size);
        child = Arrays.copyOf(child, 2 * size);
        own = Arrays.copyOf(own, 4 * size);
        inAll = Arrays.copyOf(inAll, 4 * size);
    }
}
