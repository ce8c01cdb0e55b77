package io.chainring.gateway.nbd;

import java.util.concurrent.atomic.AtomicInteger;

/** Counters that a test can read. */
final class CountingCounters implements NbdCounters {
    final AtomicInteger opened = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();
    final AtomicInteger violations = new AtomicInteger();
    final AtomicInteger answered = new AtomicInteger();
    final AtomicInteger errors = new AtomicInteger();

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
