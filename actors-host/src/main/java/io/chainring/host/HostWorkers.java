package io.chainring.host;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The threads that work for one disk, and the fence between its host's incarnations (I6, H1).
 *
 * <p>It belongs to whoever creates the hosts and outlives each of them: a thread inside of the store
 * cannot be recalled (and must not be interrupted: that would close the file for all), so a dying host
 * leaves it where it is. Each incarnation works under a {@link Lease}. A new lease revokes the one
 * before: what did not start under that one never will, and the new one is told as soon as what did
 * start has ended.
 */
public final class HostWorkers implements AutoCloseable {
    private static final long IDLE_THREAD_SECONDS = 10;

    private final ThreadPoolExecutor pool;
    private final DeadlyChains deadly;
    private final PieceProgress pieces = new PieceProgress();
    private @Nullable Lease present;
    private int insideOfRevoked;
    private @Nullable Runnable whenRevokedIdle;

    private HostWorkers(ThreadPoolExecutor pool, DeadlyChains deadly) {
        this.pool = pool;
        this.deadly = deadly;
    }

    /** Workers of one disk; threads start when they are needed. */
    public static HostWorkers create(String disk, HostSettings settings) {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(
                        settings.poolThreads(),
                        settings.poolThreads(),
                        IDLE_THREAD_SECONDS,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(settings.poolQueueLimitTasks()),
                        work -> {
                            Thread thread =
                                    new Thread(
                                            work,
                                            "chainring-io-%s-%s"
                                                    .formatted(disk, number.incrementAndGet()));
                            thread.setDaemon(true);
                            return thread;
                        });
        pool.allowCoreThreadTimeOut(true);
        return new HostWorkers(pool, new DeadlyChains(settings.deadlyLimitDeaths()));
    }

    /**
     * Begins an incarnation and ends the one before.
     *
     * @param incarnation higher than any before
     * @param whenIdle called once, from any thread or at once, when nothing of earlier incarnations is
     *     inside of the store any more; not called when a later incarnation begins first
     */
    public Lease attach(long incarnation, Runnable whenIdle) {
        Lease lease;
        synchronized (this) {
            Lease before = present;
            if (before != null) {
                if (incarnation <= before.incarnation) {
                    throw new IllegalStateException(
                            "host incarnation %s does not follow %s"
                                    .formatted(incarnation, before.incarnation));
                }
                revoke(before);
            }
            lease = new Lease(incarnation);
            present = lease;
            if (insideOfRevoked > 0) {
                whenRevokedIdle = whenIdle;
                return lease;
            }
            whenRevokedIdle = null;
        }
        whenIdle.run();
        return lease;
    }

    private void revoke(Lease lease) {
        if (!lease.revoked) {
            lease.revoked = true;
            insideOfRevoked += lease.inside;
            // They would stay out anyway; gone, they leave their places to the next lease.
            pool.getQueue().clear();
        }
    }

    /** The chains that ended earlier incarnations. */
    DeadlyChains deadly() {
        return deadly;
    }

    /** How far chains in pieces have come. */
    PieceProgress pieces() {
        return pieces;
    }

    /** Tasks that wait for a thread. */
    public int queuedTasks() {
        return pool.getQueue().size();
    }

    /** Threads inside of the store, whatever incarnation sent them. */
    public synchronized int inside() {
        Lease lease = present;
        return insideOfRevoked + (lease == null || lease.revoked ? 0 : lease.inside);
    }

    /** No more work: revokes the present lease and lets what runs come to its end. Does not wait. */
    @Override
    public void close() {
        synchronized (this) {
            if (present != null) {
                revoke(present);
            }
        }
        pool.shutdown();
    }

    /**
     * After {@link #close}: waits until no thread is inside of the store, which may be closed then.
     *
     * @return false when the time is over before
     */
    public boolean awaitEnd(long timeoutMillis) throws InterruptedException {
        return pool.awaitTermination(timeoutMillis, TimeUnit.MILLISECONDS);
    }

    /** One incarnation's right to work. Thread-safe. */
    public final class Lease {
        private final long incarnation;
        private int inside;
        private boolean revoked;

        private Lease(long incarnation) {
            this.incarnation = incarnation;
        }

        /**
         * To be called before going into the store, on whatever thread; {@link #leave} after it.
         *
         * @return false when the lease is revoked: stay out
         */
        public boolean enter() {
            synchronized (HostWorkers.this) {
                if (revoked) {
                    return false;
                }
                inside++;
                return true;
            }
        }

        /** The way back from {@link #enter}. */
        public void leave() {
            Runnable idle = null;
            synchronized (HostWorkers.this) {
                inside--;
                if (revoked && --insideOfRevoked == 0) {
                    idle = whenRevokedIdle;
                    whenRevokedIdle = null;
                }
            }
            if (idle != null) {
                idle.run();
            }
        }

        /**
         * Runs a task in the pool, between {@link #enter} and {@link #leave}; not at all when the lease is
         * revoked before it gets a thread.
         *
         * @return false when the queue is full or the workers are closed
         */
        public boolean submit(Runnable task) {
            try {
                pool.execute(() -> runInside(task));
                return true;
            } catch (RejectedExecutionException e) {
                return false;
            }
        }

        private void runInside(Runnable task) {
            if (!enter()) {
                return;
            }
            try {
                task.run();
            } finally {
                leave();
            }
        }

        /** Whether its incarnation is over: what has pieces left stays out. */
        public boolean isRevoked() {
            synchronized (HostWorkers.this) {
                return revoked;
            }
        }

        /** The incarnation has died: what has not started never will. */
        public void revoke() {
            synchronized (HostWorkers.this) {
                HostWorkers.this.revoke(this);
            }
        }
    }
}
