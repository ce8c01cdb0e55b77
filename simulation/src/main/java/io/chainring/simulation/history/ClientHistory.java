package io.chainring.simulation.history;

import io.chainring.chaos.check.Checker;
import io.chainring.chaos.check.Verdict;
import io.chainring.chaos.history.Action;
import io.chainring.chaos.history.HistoryEvent;
import io.chainring.ring.request.Operation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What clients asked and heard, as the checker for disks of any kind judges it: it knows nothing of rings and journals. */
public final class ClientHistory {
    private static final int OPEN_MOST = 9;

    private final List<HistoryEvent> events = new ArrayList<>();
    private final Set<Long> open = new LinkedHashSet<>();
    private final Map<Integer, Integer> openByCell = new HashMap<>();
    private int openMost;
    private long now;

    /** A client asks. */
    public void asked(int client, DiskOp op) {
        open.add((long) op.id);
        for (int i = 0; i < op.cells; i++) {
            openMost = Math.max(openMost, openByCell.merge(op.firstCell + i, 1, Integer::sum));
        }
        boolean flush = op.operation == Operation.FLUSH;
        events.add(
                new HistoryEvent.Call(
                        ++now,
                        client,
                        op.id,
                        0,
                        action(op),
                        flush ? 0 : op.firstCell,
                        flush ? 0 : op.cells,
                        op.operation == Operation.WRITE ? op.id : HistoryEvent.ZEROES));
    }

    private static Action action(DiskOp op) {
        return switch (op.operation) {
            case READ -> Action.READ;
            case WRITE -> op.fua ? Action.WRITE_THROUGH : Action.WRITE;
            case DISCARD, WRITE_ZEROES -> Action.ZERO;
            case FLUSH -> Action.FLUSH;
            default -> throw new IllegalArgumentException("no place in a history for " + op);
        };
    }

    /**
     * A client hears that it is done.
     *
     * @param found what a read found in each cell; empty of others
     */
    public void done(DiskOp op, long[] found) {
        if (!open.remove((long) op.id)) {
            // Whoever has hung up meanwhile hears nothing.
            return;
        }
        for (int i = 0; i < op.cells; i++) {
            openByCell.merge(op.firstCell + i, -1, Integer::sum);
        }
        events.add(
                new HistoryEvent.Done(
                        ++now, op.id, op.operation == Operation.READ ? found.clone() : null));
    }

    /** A client hears of an error, or will never hear. */
    public void unknown(DiskOp op) {
        if (open.remove((long) op.id)) {
            events.add(new HistoryEvent.Unknown(++now, op.id));
        }
    }

    /** Power is lost: nobody hears of what was under way. */
    public void losePower() {
        open.forEach(each -> events.add(new HistoryEvent.Unknown(++now, each)));
        open.clear();
        events.add(new HistoryEvent.PowerLoss(++now, 0));
    }

    /**
     * Throws a violation when no disk that keeps its promises has this history. Not asked where more was open on one cell than
     * the checker tries orders of in a moment; {@link History} decides those, too.
     */
    public void check() {
        if (openMost > OPEN_MOST) {
            return;
        }
        Verdict verdict = Checker.check(events);
        Violation.check(verdict.isGood(), "history", () -> verdict.violations().toString());
    }
}
