package io.chainring.node.disk;

import io.chainring.ring.backend.RingListener;
import io.chainring.ring.request.Operation;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.Done;

/** Knows whether a disk serves, and passes on what it hears. */
final class Watch implements RingListener {
    private final RingListener next;
    private final CompletableFuture<Done> firstServing = new CompletableFuture<>();
    private volatile boolean serving;

    Watch(RingListener next) {
        this.next = next;
    }

    CompletableFuture<Done> firstServing() {
        return firstServing;
    }

    boolean serving() {
        return serving;
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
        next.recovered(epoch, nanos);
    }

    @Override
    public void backendDied() {
        serving = false;
        next.backendDied();
    }
}
