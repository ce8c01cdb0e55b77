package io.chainring.node.service;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was started, ended in the opposite order and within one limit for all. A part that fails or takes too long does
 * not keep the others from ending.
 */
final class Teardown {
    private static final Logger LOG = LoggerFactory.getLogger(Teardown.class);
    private static final Duration LEAST = Duration.ofMillis(500);

    /** How a part ends. */
    interface End {
        /**
         * @param limit what is left of the time
         */
        void end(Duration limit) throws Exception;
    }

    private record Part(String name, End end) {}

    private final Deque<Part> parts = new ArrayDeque<>();
    private final CompletableFuture<Void> hurry = new CompletableFuture<>();

    /** A part was started. */
    void started(String name, End end) {
        parts.push(new Part(name, end));
    }

    /** From now on nothing is waited for any longer than it has to. Any thread. */
    void hurry() {
        hurry.complete(null);
    }

    /**
     * Ends all parts.
     *
     * @return false when one of them failed or was not waited for
     */
    boolean run(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        boolean clean = true;
        while (!parts.isEmpty()) {
            Part part = parts.pop();
            Duration left = Duration.ofNanos(deadline - System.nanoTime());
            try {
                part.end().end(hurry.isDone() || left.compareTo(LEAST) < 0 ? LEAST : left);
            } catch (TimeoutException e) {
                clean = false;
                LOG.warn("{}: not waited for any longer", part.name());
            } catch (InterruptedException e) {
                clean = false;
                hurry();
                LOG.warn("{}: interrupted", part.name());
            } catch (Exception e) {
                clean = false;
                LOG.error("{}: {}", part.name(), reason(e));
                LOG.debug("{}", part.name(), e);
            }
        }
        return clean;
    }

    /** Waits for something, until the limit or until somebody is in a hurry. */
    void await(CompletionStage<?> stage, Duration limit)
            throws InterruptedException, TimeoutException, ExecutionException {
        CompletableFuture<?> future = stage.toCompletableFuture();
        try {
            CompletableFuture.anyOf(future, hurry).get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw timeout(e);
        }
        if (!future.isDone()) {
            future.get(LEAST.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private static TimeoutException timeout(TimeoutException e) {
        TimeoutException named = new TimeoutException("the time is over");
        named.initCause(e);
        return named;
    }

    private static String reason(Throwable e) {
        Throwable cause = e;
        while (cause instanceof ExecutionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
