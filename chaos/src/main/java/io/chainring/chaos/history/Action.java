package io.chainring.chaos.history;

/** What a client asks of a disk. */
public enum Action {
    /** Reads cells. */
    READ,

    /** Writes one value to cells. */
    WRITE,

    /** As {@link #WRITE}; what was answered is on stable storage. */
    WRITE_THROUGH,

    /** Writes {@link HistoryEvent#ZEROES} to cells. */
    ZERO,

    /** Gives up the contents of cells: each holds what it held, or {@link HistoryEvent#ZEROES}. */
    TRIM,

    /** Puts on stable storage what was answered before it was asked for. */
    FLUSH;

    /** Whether it may change cells. */
    public boolean changes() {
        return this == WRITE || this == WRITE_THROUGH || this == ZERO || this == TRIM;
    }
}
