package io.chainring.chaos.work;

import java.util.ArrayList;
import java.util.List;

/** An operation under way. One that was sent several times has a number in the history for each, up to a few. */
final class Request {
    final Planned planned;
    final long value;
    final long calledNanos;
    final List<Long> operations = new ArrayList<>(1);
    long sentNanos;

    Request(Planned planned, long value, long calledNanos) {
        this.planned = planned;
        this.value = value;
        this.calledNanos = calledNanos;
    }

    boolean changes() {
        return planned.action().changes();
    }
}
