package io.chainring.chaos.history;

import org.jspecify.annotations.Nullable;

/**
 * One event of a history. Events stand in the order in which they happened: what returned before something else was called
 * stands before it.
 *
 * <p>A disk is looked at in cells of equal length, such as its sectors. Each write has a value of its own, which stands in
 * each of its cells; so whoever reads a cell knows whose write that was.
 */
public sealed interface HistoryEvent {
    /** The value of cells that were never written, and of those that were zeroed. */
    long ZEROES = 0;

    /** The value of a cell whose bytes no write has written there. */
    long GARBAGE = -1;

    /** System.nanoTime of whoever noted it; only differences mean something. */
    long atNanos();

    /**
     * A client asks.
     *
     * @param client number of the client
     * @param operation number of the operation, higher than those called before
     * @param disk number of the disk
     * @param firstCell where it begins; 0 of a flush
     * @param cells how many; 0 of a flush
     * @param value what a write writes, at least 1, unlike that of any other; {@link #ZEROES} of all others
     */
    record Call(
            long atNanos,
            int client,
            long operation,
            int disk,
            Action action,
            long firstCell,
            int cells,
            long value)
            implements HistoryEvent {
        public Call {
            boolean writes = action == Action.WRITE || action == Action.WRITE_THROUGH;
            if (firstCell < 0 || cells < 0 || (cells == 0) != (action == Action.FLUSH)) {
                throw new IllegalArgumentException(
                        "%s of cells %s+%s".formatted(action, firstCell, cells));
            }
            if (writes ? value <= ZEROES : value != ZEROES) {
                throw new IllegalArgumentException("%s with value %s".formatted(action, value));
            }
        }
    }

    /**
     * An operation was done.
     *
     * @param values what a read found, cell by cell; null of all others
     */
    record Done(long atNanos, long operation, long @Nullable [] values) implements HistoryEvent {}

    /** An operation was answered with an error, or its connection was lost for good: it may take effect now or later, or never. */
    record Unknown(long atNanos, long operation) implements HistoryEvent {}

    /** Power is lost under a disk: what was not on stable storage may be gone. Nobody hears of what was under way. */
    record PowerLoss(long atNanos, int disk) implements HistoryEvent {}
}
