package io.chainring.chaos.check;

import io.chainring.chaos.history.HistoryEvent;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gives the events of a history in their order, each call with what will come of it. Holds what lies between a call and its
 * end, and no more than a limit of it: an operation that takes longer counts as never answered.
 */
final class Lookahead {
    private final Iterator<HistoryEvent> events;
    private final int limit;
    private final ArrayDeque<HistoryEvent> held = new ArrayDeque<>();
    private final Map<Long, HistoryEvent> ends = new HashMap<>();

    /**
     * @param limit most events that are held
     */
    Lookahead(Iterator<HistoryEvent> events, int limit) {
        this.events = events;
        this.limit = limit;
    }

    /** The next event; null at the end. */
    @Nullable HistoryEvent next() {
        while (true) {
            HistoryEvent head = held.peek();
            boolean waits =
                    head == null
                            || (head instanceof HistoryEvent.Call call
                                    && !ends.containsKey(call.operation())
                                    && held.size() < limit);
            if (!waits || !events.hasNext()) {
                return held.poll();
            }
            HistoryEvent event = events.next();
            held.add(event);
            if (event instanceof HistoryEvent.Done done) {
                ends.putIfAbsent(done.operation(), done);
            } else if (event instanceof HistoryEvent.Unknown unknown) {
                ends.putIfAbsent(unknown.operation(), unknown);
            }
        }
    }

    /** What comes of an operation that was just called; null when it is never answered. Asked once. */
    @Nullable HistoryEvent end(long operation) {
        return ends.remove(operation);
    }
}
