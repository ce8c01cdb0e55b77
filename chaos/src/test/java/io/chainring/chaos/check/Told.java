package io.chainring.chaos.check;

import io.chainring.chaos.history.Action;
import io.chainring.chaos.history.HistoryEvent;
import java.util.ArrayList;
import java.util.List;

/** A history as a test tells it. */
final class Told {
    final List<HistoryEvent> events = new ArrayList<>();
    private long now;

    Told call(long operation, Action action, long cell, int cells, long value) {
        events.add(
                new HistoryEvent.Call(
                        now++, (int) (operation % 8), operation, 0, action, cell, cells, value));
        return this;
    }

    Told writes(long operation, long cell, long value) {
        return call(operation, Action.WRITE, cell, 1, value);
    }

    Told reads(long operation, long cell) {
        return call(operation, Action.READ, cell, 1, 0);
    }

    Told done(long operation) {
        events.add(new HistoryEvent.Done(now++, operation, null));
        return this;
    }

    Told found(long operation, long... values) {
        events.add(new HistoryEvent.Done(now++, operation, values));
        return this;
    }

    Told unknown(long operation) {
        events.add(new HistoryEvent.Unknown(now++, operation));
        return this;
    }

    Told powerLoss() {
        events.add(new HistoryEvent.PowerLoss(now++, 0));
        return this;
    }

    Verdict verdict() {
        return Checker.check(events);
    }

    /** The kinds of what is wrong. */
    List<Violation.Kind> kinds() {
        return verdict().violations().stream().map(Violation::kind).toList();
    }
}
