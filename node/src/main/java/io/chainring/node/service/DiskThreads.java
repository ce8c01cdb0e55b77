package io.chainring.node.service;

import io.chainring.host.store.BlockStore;
import io.chainring.node.control.DiskRefusedException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import org.apache.pekko.Done;
import org.jspecify.annotations.Nullable;

/**
 * Where disk commands run: one thread for the steps of all of them, which does not wait for anything, and one for each disk
 * that is being opened, started or grown.
 */
final class DiskThreads {
    private final ExecutorService steps = Executors.newSingleThreadExecutor(named("disks"));
    private final ExecutorService files = Executors.newCachedThreadPool(named("disk-files"));

    private static ThreadFactory named(String name) {
        return task -> {
            Thread thread = new Thread(task, "chainring-" + name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /**
     * Carries a step out in its turn.
     *
     * @param answer fails when it is too late for that; null: nobody waits for one
     */
    void step(Runnable step, @Nullable CompletableFuture<?> answer) {
        try {
            steps.execute(step);
        } catch (RejectedExecutionException e) {
            if (answer != null) {
                answer.completeExceptionally(new DiskRefusedException("the node is ending", e));
            }
        }
    }

    /** Does what may block. */
    void work(Runnable work) {
        files.execute(work);
    }

    /** Closes an image with which nothing was done; null: there is none. */
    CompletableFuture<Done> closing(@Nullable BlockStore image) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        if (image != null) {
                            image.close();
                        }
                        return Done.getInstance();
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                },
                files);
    }

    /** Takes no more; what is under way ends. */
    void close() {
        steps.shutdown();
    }
}
