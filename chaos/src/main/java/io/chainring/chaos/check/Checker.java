package io.chainring.chaos.check;

import io.chainring.chaos.check.Violation.Kind;
import io.chainring.chaos.history.Action;
import io.chainring.chaos.history.HistoryEvent;
import io.chainring.chaos.history.HistoryEvent.Call;
import io.chainring.chaos.history.HistoryEvent.Done;
import io.chainring.chaos.history.HistoryEvent.PowerLoss;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Says whether a history is one that disks may have that keep their promises: each cell is a register and linearizable
 * (invariant I4 for what overlaps), answers come once, and after a loss of power there is what was on stable storage.
 *
 * <p>An operation over several cells is one on each of them: of two that overlap each cell may have another order. What a
 * history says of each cell is checked as it passes, so memory is bounded by the cells and by what is under way, not by the
 * length of the history. It is passed through twice: the first time for what anybody has read.
 */
public final class Checker {
    private static final int VIOLATIONS_SHOWN = 20;
    private static final int HELD_MOST = 1 << 20;

    private final LongSet read = new LongSet();
    private final LongSet called = new LongSet();
    private final LongSet unanswered = new LongSet();
    private final Map<Long, Cell> cells = new HashMap<>();
    private final Map<Long, Call> open = new HashMap<>();
    private final Map<Long, Long> sequences = new HashMap<>();
    private final Map<Integer, Long> flushed = new HashMap<>();
    private final List<Violation> violations = new ArrayList<>();
    private boolean losesPower;
    private long violationsInAll;
    private long operations;
    private long sequence;

    private Checker() {}

    /** Checks a history. @param history the events in their order; is passed through twice */
    public static Verdict check(Iterable<HistoryEvent> history) {
        Checker checker = new Checker();
        history.forEach(checker::prepare);
        Lookahead events = new Lookahead(history.iterator(), HELD_MOST);
        for (HistoryEvent event = events.next(); event != null; event = events.next()) {
            checker.sequence++;
            if (event instanceof Call call) {
                checker.call(call, events.end(call.operation()));
            } else if (event instanceof Done done) {
                checker.done(done);
            } else if (event instanceof PowerLoss loss) {
                checker.lose(loss.disk());
            }
        }
        checker.open.values().stream()
                .sorted((one, other) -> Long.compare(one.operation(), other.operation()))
                .forEach(checker::hangs);
        return new Verdict(
                checker.operations,
                checker.cells.size(),
                checker.violations,
                checker.violationsInAll);
    }

    private void prepare(HistoryEvent event) {
        losesPower |= event instanceof PowerLoss;
        if (event instanceof Done done && done.values() != null) {
            for (long value : done.values()) {
                read.add(value);
            }
        }
    }

    private Cell cell(int disk, long number) {
        return cells.computeIfAbsent((long) disk << 48 | number, key -> new Cell(losesPower));
    }

    private void call(Call call, @Nullable HistoryEvent end) {
        operations++;
        called.add(call.value());
        boolean answered = end instanceof Done;
        long[] values = end instanceof Done done ? done.values() : null;
        boolean reads = call.action() == Action.READ;
        if (reads && answered && (values == null || values.length != call.cells())) {
            throw new IllegalArgumentException(
                    "operation %s reads %s cells and finds %s"
                            .formatted(
                                    call.operation(),
                                    call.cells(),
                                    values == null ? "none" : values.length));
        }
        if (answered || end == null) {
            open.put(call.operation(), call);
            sequences.put(call.operation(), sequence);
        }
        if (!answered) {
            unanswered.add(call.value());
        }
        for (int i = 0; i < call.cells(); i++) {
            Cell cell = cell(call.disk(), call.firstCell() + i);
            if (answered) {
                cell.call(
                        call.operation(), call.action(), values != null ? values[i] : call.value());
            } else if (call.action().changes() && read.contains(call.value())) {
                cell.callForEver(call.operation(), call.action(), call.value());
            }
        }
    }

    private void done(Done done) {
        Call call = open.remove(done.operation());
        if (call == null) {
            note(
                    Kind.DUPLICATE_COMPLETION,
                    0,
                    -1,
                    done.operation(),
                    "operation %s is answered, and is not under way".formatted(done.operation()),
                    List.of());
            return;
        }
        long calledAt = Objects.requireNonNull(sequences.remove(done.operation()));
        if (call.action() == Action.FLUSH) {
            flushed.merge(call.disk(), calledAt, Math::max);
        }
        long[] values = done.values();
        for (int i = 0; i < call.cells(); i++) {
            Cell cell = cell(call.disk(), call.firstCell() + i);
            boolean seen = cell.isSeen();
            boolean lostPower = cell.hasLostPower();
            List<Long> before = values == null ? List.of() : cell.values();
            if (!cell.done(done.operation(), sequence) && values != null) {
                wrong(call, i, values[i], before, seen, lostPower);
            }
        }
    }

    private void wrong(
            Call call, int index, long found, List<Long> before, boolean seen, boolean lostPower) {
        Kind kind;
        if (found == HistoryEvent.GARBAGE || !called.contains(found)) {
            kind = Kind.FOREIGN_VALUE;
        } else if (lostPower) {
            kind = Kind.NOT_DURABLE;
        } else if (found != HistoryEvent.ZEROES && unanswered.contains(found)) {
            kind = Kind.RESURRECTED_WRITE;
        } else {
            kind = seen ? Kind.STALE_READ : Kind.LOST_WRITE;
        }
        long cell = call.firstCell() + index;
        note(
                kind,
                call.disk(),
                cell,
                call.operation(),
                "operation %s of client %s read %s in cell %s of disk %s, where %s can be"
                        .formatted(
                                call.operation(), call.client(), found, cell, call.disk(), before),
                cell(call.disk(), cell).story());
    }

    private void lose(int disk) {
        long flushedSequence = flushed.getOrDefault(disk, 0L);
        cells.forEach(
                (key, cell) -> {
                    if (key >>> 48 == disk) {
                        cell.losePower(flushedSequence);
                    }
                });
    }

    private void hangs(Call call) {
        note(
                Kind.HANG,
                call.disk(),
                -1,
                call.operation(),
                "operation %s of client %s, %s, is never answered"
                        .formatted(call.operation(), call.client(), call.action()),
                List.of());
    }

    private void note(
            Kind kind, int disk, long cell, long operation, String text, List<String> story) {
        violationsInAll++;
        if (violations.size() < VIOLATIONS_SHOWN) {
            violations.add(new Violation(kind, disk, cell, operation, text, story));
        }
    }
}
