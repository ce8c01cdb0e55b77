package io.chainring.gateway.nbd.tls;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The few threads that compute TLS handshakes: keys, signatures, verification of certificates. So many handshakes are
 * computed at once; the others wait, and sources take turns. How many may wait is bounded by the connections that may be in
 * a handshake: each has one task at a time, and takes it back when it closes.
 */
final class HandshakeThreads implements AutoCloseable {
    private static final long IDLE_SECONDS = 10;

    private final ThreadPoolExecutor threads;
    private final TurnQueue<Object, Runnable> turns = new TurnQueue<>();

    HandshakeThreads(int count) {
        threads =
                new ThreadPoolExecutor(
                        count,
                        count,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        new DefaultThreadFactory("chainring-nbd-tls", true));
        threads.allowCoreThreadTimeOut(true);
    }

    /** What one connection computes. */
    final class Turn implements Executor {
        private final Object source;
        private final Set<Runnable> waiting = new HashSet<>();
        private boolean over;

        private Turn(Object source) {
            this.source = source;
        }

        @Override
        public void execute(Runnable task) {
            synchronized (turns) {
                if (over) {
                    throw new RejectedExecutionException("the connection is closed");
                }
                Runnable owned =
                        new Runnable() {
                            @Override
                            public void run() {
                                synchronized (turns) {
                                    waiting.remove(this);
                                }
                                task.run();
                            }
                        };
                waiting.add(owned);
                turns.add(source, owned);
            }
            threads.execute(HandshakeThreads.this::runNext);
        }

        /** The connection is gone: nobody wants what has not begun. */
        void leave() {
            synchronized (turns) {
                over = true;
                waiting.forEach(task -> turns.remove(source, task));
                waiting.clear();
            }
        }
    }

    /** A turn for one connection. */
    Turn turn(Object source) {
        return new Turn(source);
    }

    private void runNext() {
        @Nullable Runnable next;
        synchronized (turns) {
            next = turns.next();
        }
        if (next != null) {
            next.run();
        }
    }

    /** Tasks that wait. */
    int waiting() {
        synchronized (turns) {
            return turns.size();
        }
    }

    /** Takes no more; what runs ends by itself. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
