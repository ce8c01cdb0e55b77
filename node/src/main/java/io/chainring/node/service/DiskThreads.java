package io.chainring.node.service;

import io.chainring.node.StartException;
import io.chainring.node.control.DiskRefusedException;
import io.chainring.node.disk.Disk;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where disk commands run: one thread for their steps, one after the other, and one for each image that is being
 * flushed and closed, of which there are at most as many as disks.
 */
final class DiskThreads {
    /** Most commands that wait for their turn. */
    static final int WAITING_LIMIT_COMMANDS = 64;

    private static final Logger LOG = LoggerFactory.getLogger(DiskThreads.class);

    private final ExecutorService steps = Executors.newSingleThreadExecutor(named("disks"));
    private final ExecutorService closers = Executors.newCachedThreadPool(named("disk-close"));
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile boolean closing;

    /** A command, or a part of it. */
    interface Command<T> {
        T run() throws DiskRefusedException, StartException;
    }

    private static ThreadFactory named(String name) {
        return task -> {
            Thread thread = new Thread(task, "chainring-" + name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Carries a command out in its turn. The stage fails with {@link DiskRefusedException}, or with a fault of ours. */
    <T extends @Nullable Object> CompletableFuture<T> command(Command<T> command) {
        CompletableFuture<T> outcome = new CompletableFuture<>();
        if (waiting.incrementAndGet() > WAITING_LIMIT_COMMANDS) {
            waiting.decrementAndGet();
            outcome.completeExceptionally(
                    new DiskRefusedException(
                            WAITING_LIMIT_COMMANDS + " disk commands wait already; try again"));
            return outcome;
        }
        try {
            steps.execute(
                    () -> {
                        waiting.decrementAndGet();
                        run(command, outcome);
                    });
        } catch (RejectedExecutionException e) {
            waiting.decrementAndGet();
            outcome.completeExceptionally(new DiskRefusedException("the node is ending", e));
        }
        return outcome;
    }

    private <T extends @Nullable Object> void run(
            Command<T> command, CompletableFuture<T> outcome) {
        try {
            if (closing) {
                throw new DiskRefusedException("the node is ending");
            }
            outcome.complete(command.run());
        } catch (DiskRefusedException e) {
            outcome.completeExceptionally(e);
        } catch (StartException | IllegalArgumentException e) {
            outcome.completeExceptionally(
                    new DiskRefusedException(String.valueOf(e.getMessage()), e));
        } catch (RuntimeException e) {
            outcome.completeExceptionally(e);
        }
    }

    /** Flushes and closes a disk's image once its actors have stopped. */
    CompletableFuture<@Nullable Void> close(CompletionStage<?> stopped, Disk disk, Duration limit) {
        return stopped.<@Nullable Void>thenApplyAsync(
                        done -> {
                            try {
                                disk.close(limit);
                                return null;
                            } catch (IOException e) {
                                throw new CompletionException(e);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                                throw new CompletionException(e);
                            }
                        },
                        closers)
                .toCompletableFuture();
    }

    /**
     * What has ended, once a step was done after it.
     *
     * @return ends as the given one did
     */
    CompletableFuture<@Nullable Void> first(CompletableFuture<@Nullable Void> end, Runnable step) {
        return end.whenCompleteAsync((nothing, failure) -> step.run(), steps);
    }

    /** Goes on with a command when something has ended, well (null) or badly. */
    CompletableFuture<?> after(
            CompletableFuture<@Nullable Void> end, Consumer<@Nullable Throwable> next) {
        return end.handleAsync(
                (nothing, failure) -> {
                    Throwable cause =
                            failure instanceof CompletionException && failure.getCause() != null
                                    ? failure.getCause()
                                    : failure;
                    try {
                        next.accept(cause);
                    } catch (RuntimeException e) {
                        LOG.error("A disk command has failed half way", e);
                    }
                    return null;
                },
                steps);
    }

    /** Closes an image with which nothing was done. */
    void closeQuietly(DiskOpener.OpenDisk image) {
        try {
            image.store().close();
        } catch (IOException e) {
            LOG.warn("{} cannot be closed: {}", image.record().path(), e.getMessage());
        }
    }

    /** Takes no more commands, and waits for the one that is under way: files are not interrupted. */
    void close(Duration limit) throws InterruptedException, TimeoutException {
        closing = true;
        steps.shutdown();
        if (!steps.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new TimeoutException("a disk command is under way");
        }
    }
}
