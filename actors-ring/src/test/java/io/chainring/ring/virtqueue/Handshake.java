package io.chainring.ring.virtqueue;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Two threads that meet, spinning, before each step of a round, so that they take the step at the
 * same instant. Rounds go on until a budget of time or of rounds is used up: on a busy machine the
 * threads seldom run at once, and more rounds would only take longer.
 */
final class Handshake {
    private static final int SPINS_BEFORE_YIELD = 200;

    /** One step of the round with this number. */
    interface Step {
        void run(int round);
    }

    private final int minRounds;
    private final int maxRounds;
    private final long budgetNanos;
    private final AtomicInteger first = new AtomicInteger();
    private final AtomicInteger second = new AtomicInteger();
    private volatile int lastRound = Integer.MAX_VALUE;
    private volatile boolean failed;

    Handshake(int minRounds, int maxRounds, long budgetMillis) {
        this.minRounds = minRounds;
        this.maxRounds = maxRounds;
        this.budgetNanos = TimeUnit.MILLISECONDS.toNanos(budgetMillis);
    }

    /** Runs both sides' steps, side by side, and returns the number of rounds. */
    int run(Step[] firstSide, Step[] secondSide) throws Exception {
        long start = System.nanoTime();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<Integer> one =
                    threads.submit(guarded(() -> side(first, second, firstSide, start)));
            Future<Integer> two = threads.submit(guarded(() -> side(second, first, secondSide, 0)));
            one.get();
            return two.get();
        } finally {
            threads.shutdown();
        }
    }

    private int side(AtomicInteger mine, AtomicInteger theirs, Step[] steps, long start) {
        int met = 0;
        int round = 0;
        while (true) {
            if (mine == first && isLast(round, start)) {
                lastRound = round;
            }
            for (Step step : steps) {
                met++;
                mine.set(met);
                for (int spins = 0; theirs.get() < met; spins++) {
                    spin(spins);
                }
                linger(mine == first ? round & 7 : round >>> 3 & 7);
                step.run(round);
            }
            if (round == lastRound) {
                return round + 1;
            }
            round++;
        }
    }

    /** Shifts the two sides against each other: the narrowest place differs between machines. */
    private static void linger(int moments) {
        for (int i = 0; i < moments; i++) {
            Thread.onSpinWait();
        }
    }

    private boolean isLast(int round, long start) {
        return round + 1 >= maxRounds
                || (round + 1 >= minRounds && System.nanoTime() - start > budgetNanos);
    }

    /** Waits a moment for the other side; throws when that side has failed. */
    void spin(int spins) {
        if (failed) {
            throw new IllegalStateException("the other side failed");
        }
        if (spins > SPINS_BEFORE_YIELD) {
            Thread.yield();
        }
        Thread.onSpinWait();
    }

    private <T> Callable<T> guarded(Callable<T> side) {
        return () -> {
            boolean done = false;
            try {
                T result = side.call();
                done = true;
                return result;
            } finally {
                if (!done) {
                    failed = true;
                }
            }
        };
    }
}
