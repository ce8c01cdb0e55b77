package io.chainring.base.fault;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/** Watched points: counts, and what waits. Thread-safe; only a pass while something waits takes a lock. */
final class PassCounts<P extends Enum<P>, A> {
    private static final class Waiting<A> {
        final A act;
        long passesBefore;
        int times;

        Waiting(A act, long passesBefore, int times) {
            this.act = act;
            this.passesBefore = passesBefore;
            this.times = times;
        }
    }

    private final P[] points;
    private final AtomicLongArray passed;
    private final AtomicLongArray acted;
    private final AtomicInteger armed = new AtomicInteger();
    private final Map<P, Queue<Waiting<A>>> waiting;

    PassCounts(Class<P> type) {
        points = type.getEnumConstants();
        passed = new AtomicLongArray(points.length);
        acted = new AtomicLongArray(points.length);
        waiting = new EnumMap<>(type);
    }

    @Nullable A pass(P point) {
        passed.incrementAndGet(point.ordinal());
        return armed.get() == 0 ? null : take(point);
    }

    private synchronized @Nullable A take(P point) {
        Queue<Waiting<A>> queue = waiting.get(point);
        Waiting<A> first = queue == null ? null : queue.peek();
        if (queue == null || first == null || first.passesBefore-- > 0) {
            return null;
        }
        first.passesBefore = 0;
        if (--first.times == 0) {
            queue.remove();
        }
        armed.decrementAndGet();
        acted.incrementAndGet(point.ordinal());
        return first.act;
    }

    synchronized Runnable arm(P point, A act, long passesBefore, int times) {
        Waiting<A> one = new Waiting<>(act, passesBefore, times);
        waiting.computeIfAbsent(point, none -> new ArrayDeque<>()).add(one);
        armed.addAndGet(times);
        return () -> takeBack(point, one);
    }

    private synchronized void takeBack(P point, Waiting<A> one) {
        Queue<Waiting<A>> queue = waiting.get(point);
        if (queue != null && queue.remove(one)) {
            armed.addAndGet(-one.times);
        }
    }

    synchronized void disarm() {
        waiting.clear();
        armed.set(0);
    }

    int armed() {
        return armed.get();
    }

    List<FaultPoints.Count<P>> counts() {
        List<FaultPoints.Count<P>> counts = new ArrayList<>();
        for (P point : points) {
            counts.add(
                    new FaultPoints.Count<>(
                            point, passed.get(point.ordinal()), acted.get(point.ordinal())));
        }
        return counts;
    }
}
