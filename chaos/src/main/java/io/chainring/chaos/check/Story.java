package io.chainring.chaos.check;

import io.chainring.chaos.history.Action;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The last events of a cell, kept small: there are many cells, and few are ever asked. */
final class Story {
    static final byte CALLED = 0;
    static final byte RETURNED = 1;
    static final byte CALLED_FOR_EVER = 2;
    static final byte POWER_LOST = 3;

    private static final int EVENTS = 12;
    private static final Action[] ACTIONS = Action.values();
    private static final String[] WORDS = {
        "called", "returned", "called, outcome unknown", "power lost"
    };

    private final long[] operations = new long[EVENTS];
    private final long[] values = new long[EVENTS];
    private final byte[] actions = new byte[EVENTS];
    private final byte[] kinds = new byte[EVENTS];
    private int count;

    void add(long operation, @Nullable Action action, byte kind, long value) {
        int at = count++ % EVENTS;
        operations[at] = operation;
        values[at] = value;
        actions[at] = (byte) (action == null ? 0 : action.ordinal());
        kinds[at] = kind;
    }

    /** A line each, the last one last. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (int i = Math.max(0, count - EVENTS); i < count; i++) {
            int at = i % EVENTS;
            lines.add(
                    kinds[at] == POWER_LOST
                            ? WORDS[POWER_LOST]
                            : "%s %s %s: %s"
                                    .formatted(
                                            operations[at],
                                            ACTIONS[actions[at]],
                                            WORDS[kinds[at]],
                                            values[at]));
        }
        return lines;
    }
}
