package io.chainring.gateway.nbd;

import io.chainring.gateway.nbd.protocol.NbdCommand;
import io.chainring.gateway.nbd.setup.Crowding;
import io.chainring.gateway.nbd.setup.NbdCounters;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Counters that a test can read. */
final class CountingCounters implements NbdCounters {
    final AtomicInteger opened = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();
    final AtomicInteger violations = new AtomicInteger();
    final AtomicInteger answered = new AtomicInteger();
    final AtomicInteger errors = new AtomicInteger();
    private final Map<Crowding, Integer> crowding = new ConcurrentHashMap<>();

    /** What happened of one kind. */
    int countOf(Crowding what) {
        return crowding.getOrDefault(what, 0);
    }

    @Override
    public void crowded(Crowding what) {
        crowding.merge(what, 1, Integer::sum);
    }

    @Override
    public void connectionOpened() {
        opened.incrementAndGet();
    }

    @Override
    public void connectionClosed() {
        closed.incrementAndGet();
    }

    @Override
    public void protocolViolated() {
        violations.incrementAndGet();
    }

    @Override
    public void answered(NbdCommand command, long lengthBytes, int error) {
        answered.incrementAndGet();
        if (error != 0) {
            errors.incrementAndGet();
        }
    }
}
