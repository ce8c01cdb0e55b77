package io.chainring.gateway.nbd.tls;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whose task is next. Sources take turns, one task each, and the tasks of one source keep their order; so a source with
 * a thousand tasks keeps another waiting for one. Not thread-safe.
 *
 * @param <S> where tasks come from
 * @param <T> tasks
 */
final class TurnQueue<S, T> {
    private final Map<S, ArrayDeque<T>> waiting = new LinkedHashMap<>();
    private int size;

    void add(S source, T task) {
        waiting.computeIfAbsent(source, any -> new ArrayDeque<>()).add(task);
        size++;
    }

    /** The next task, which waits no more; null when there is none. */
    @Nullable T next() {
        Iterator<Map.Entry<S, ArrayDeque<T>>> first = waiting.entrySet().iterator();
        if (!first.hasNext()) {
            return null;
        }
        Map.Entry<S, ArrayDeque<T>> entry = first.next();
        S source = entry.getKey();
        ArrayDeque<T> tasks = entry.getValue();
        first.remove();
        T task = tasks.remove();
        size--;
        if (!tasks.isEmpty()) {
            waiting.put(source, tasks);
        }
        return task;
    }

    /** The task is not wanted any more. */
    void remove(S source, T task) {
        ArrayDeque<T> tasks = waiting.get(source);
        if (tasks != null && tasks.remove(task)) {
            size--;
            if (tasks.isEmpty()) {
                waiting.remove(source);
            }
        }
    }

    int size() {
        return size;
    }
}
