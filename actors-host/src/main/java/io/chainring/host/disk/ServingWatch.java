package io.chainring.host.disk;

import io.chainring.ring.backend.RingListener;
import io.chainring.ring.request.Operation;
import io.chainring.ring.signal.KilledException;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.Done;

/** Knows whether a disk serves, and passes on what it hears. */
final class ServingWatch implements RingListener {
    private final RingListener next;
    private final CompletableFuture<Done> firstServing = new CompletableFuture<>();
    private final CompletableFuture<Done> firstAttempt = new CompletableFuture<>();
    private volatile boolean serving;

    ServingWatch(RingListener next) {
        this.next = next;
    }

    CompletableFuture<Done> firstServing() {
        return firstServing;
    }

    CompletableFuture<Done> firstAttempt() {
        return firstAttempt;
    }

    boolean serving() {
        return serving;
    }

    /** Nothing of the disk runs any more. */
    void stopped(Throwable why) {
        firstServing.completeExceptionally(why);
        firstAttempt.completeExceptionally(why);
    }

    /** The supervisor has ended, its backend with it. */
    void ended() {
        serving = false;
    }

    @Override
    public void recorded(int begunChains, int completedChains, long journalNanos) {
        next.recorded(begunChains, completedChains, journalNanos);
    }

    @Override
    public void completed(Operation operation, byte status, long latencyNanos) {
        next.completed(operation, status, latencyNanos);
    }

    @Override
    public void recovered(long epoch, long nanos) {
        serving = true;
        firstServing.complete(Done.getInstance());
        firstAttempt.complete(Done.getInstance());
        next.recovered(epoch, nanos);
    }

    @Override
    public void backendFailed(Throwable cause) {
        if (!(cause instanceof KilledException)) {
            firstAttempt.completeExceptionally(cause);
        }
        next.backendFailed(cause);
    }

    @Override
    public void backendDied() {
        serving = false;
        next.backendDied();
    }
}
