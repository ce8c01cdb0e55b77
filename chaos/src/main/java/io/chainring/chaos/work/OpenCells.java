package io.chainring.chaos.work;

/**
 * How many operations are open on each cell of a disk, so that a checker can follow: with too many at once there are too many
 * orders. What was left with an unknown outcome counts for ever; a cell with several of those is changed no more. Thread-safe.
 */
final class OpenCells {
    /** Most operations that are open at once on a cell, of them those that change it, and those of unknown outcome. */
    private static final int OPEN_MOST = 8;

    private static final int CHANGES_MOST = 3;
    private static final int UNKNOWN_MOST = 3;

    private final byte[] open;
    private final byte[] changes;
    private final byte[] unknown;

    OpenCells(int cells) {
        open = new byte[cells];
        changes = new byte[cells];
        unknown = new byte[cells];
    }

    /** Takes a range for an operation, unless one of its cells has enough. */
    synchronized boolean take(int first, int cells, boolean changing) {
        for (int i = first; i < first + cells; i++) {
            if (open[i] >= OPEN_MOST
                    || (changing && (changes[i] >= CHANGES_MOST || unknown[i] >= UNKNOWN_MOST))) {
                return false;
            }
        }
        add(first, cells, changing, 1);
        return true;
    }

    /** An operation has ended. */
    synchronized void release(int first, int cells, boolean changing) {
        add(first, cells, changing, -1);
    }

    private void add(int first, int cells, boolean changing, int count) {
        for (int i = first; i < first + cells; i++) {
            open[i] += (byte) count;
            if (changing) {
                changes[i] += (byte) count;
            }
        }
    }

    /** A change whose outcome nobody knows. */
    synchronized void leave(int first, int cells) {
        for (int i = first; i < first + cells; i++) {
            unknown[i] = (byte) Math.min(Byte.MAX_VALUE, unknown[i] + 1);
        }
    }
}
