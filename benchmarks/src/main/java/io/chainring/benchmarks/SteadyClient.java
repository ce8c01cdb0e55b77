package io.chainring.benchmarks;

import io.chainring.node.disk.Disk;
import io.chainring.node.disk.DiskStatus;
import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.CompletionSink;
import io.chainring.ring.frontend.Payload;
import io.chainring.ring.frontend.RingPort;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A client of one disk, in its JVM and on its loop, that keeps a number of 4 KiB reads and writes in flight while it is
 * asked to, and notes when chains that were in flight at a death come back.
 *
 * <p>Everything but the constructor runs on the disk's loop.
 */
final class SteadyClient implements CompletionSink {
    private static final int BLOCK_BYTES = 4096;
    private static final int DEPTHS_BEFORE_GIVING_UP = 4;

    private final Disk disk;
    private final EventLoop loop;
    private final SplittableRandom random;
    private final long blocks;
    private final CompletableFuture<RingPort> opened = new CompletableFuture<>();
    private final ArrayDeque<Payload> idle = new ArrayDeque<>();

    private @Nullable Death death;
    private @Nullable IllegalStateException failure;
    private int inFlight;
    private int depth;
    private long toSubmit;
    private CompletableFuture<Void> quiet = CompletableFuture.completedFuture(null);

    /** What is awaited after a death: the first completion of a chain that the new epoch resumed. */
    private static final class Death {
        final DiskStatus before;
        final CompletableFuture<Long> firstResumed = new CompletableFuture<>();
        long seenInNewEpoch;
        long seenSinceResumption;

        Death(DiskStatus before) {
            this.before = before;
        }
    }

    /** Opens a ring to the disk. */
    SteadyClient(Disk disk, long seed) {
        this.disk = disk;
        this.loop = disk.export().loop();
        this.random = new SplittableRandom(seed);
        this.blocks = disk.export().sizeBytes() / BLOCK_BYTES;
        var unused = disk.export().service().openRing(this);
    }

    /** Complete when the ring is open. */
    CompletableFuture<RingPort> opened() {
        return opened;
    }

    /**
     * Keeps requests in flight until so many were submitted.
     *
     * @return complete when the last one is; fails when the ring is lost or a request fails: what is measured is void
     *     then
     */
    CompletableFuture<Void> run(int requestsInFlight, long count) {
        IllegalStateException failed = failure;
        if (failed != null) {
            return CompletableFuture.failedFuture(failed);
        }
        depth = requestsInFlight;
        toSubmit = count;
        quiet = new CompletableFuture<>();
        submit();
        return quiet;
    }

    /** Submits no more; what {@link #run} gave is complete when nothing is in flight. */
    void stop() {
        toSubmit = 0;
        if (inFlight == 0) {
            quiet.complete(null);
        }
    }

    /**
     * Called before a kill.
     *
     * @return System.nanoTime of the first completion of a resumed chain; or 0 when the death found no chain begun
     */
    CompletableFuture<Long> awaitResumed() {
        Death awaited = new Death(disk.status());
        death = awaited;
        return awaited.firstResumed;
    }

    @Override
    public void opened(RingPort port) {
        opened.complete(port);
    }

    @Override
    public void completed(List<BlockRequest> requests) {
        long nowNanos = System.nanoTime();
        Death awaited = death;
        if (awaited != null) {
            look(awaited, requests.size(), nowNanos);
        }
        for (BlockRequest request : requests) {
            Payload payload = request.payload();
            if (request.status() != ChainStatus.OK || payload == null) {
                fail(request.operation() + " ended with " + ChainStatus.name(request.status()));
                return;
            }
            idle.add(payload);
        }
        inFlight -= requests.size();
        submit();
        if (inFlight == 0) {
            quiet.complete(null);
        }
    }

    @Override
    public void closed(String reason) {
        fail("the ring was closed: " + reason);
    }

    private void fail(String reason) {
        IllegalStateException failed = new IllegalStateException(reason);
        failure = failed;
        opened.completeExceptionally(failed);
        quiet.completeExceptionally(failed);
        Death awaited = death;
        if (awaited != null) {
            awaited.firstResumed.completeExceptionally(failed);
        }
    }

    /** A new epoch publishes again what was recorded before it hands over what it resumes: those come first. */
    private void look(Death awaited, int count, long nowNanos) {
        DiskStatus now = disk.status();
        if (now.epoch() == awaited.before.epoch()) {
            return;
        }
        awaited.seenInNewEpoch += count;
        if (now.resumed() == awaited.before.resumed()) {
            if (awaited.seenInNewEpoch > (long) DEPTHS_BEFORE_GIVING_UP * depth) {
                found(awaited, 0);
            }
            return;
        }
        awaited.seenSinceResumption += count;
        if (awaited.seenSinceResumption > now.renotified() - awaited.before.renotified()) {
            found(awaited, nowNanos);
        }
    }

    private void found(Death awaited, long nanos) {
        death = null;
        awaited.firstResumed.complete(nanos);
    }

    private void submit() {
        RingPort port = opened.getNow(null);
        if (port == null) {
            throw new IllegalStateException("the ring is not open");
        }
        List<BlockRequest> batch = new ArrayList<>();
        while (inFlight < depth && toSubmit > 0) {
            Payload payload =
                    idle.isEmpty() ? port.payloads().allocate(BLOCK_BYTES) : idle.remove();
            if (payload == null) {
                throw new IllegalStateException("no payload memory for " + depth + " requests");
            }
            long offsetBytes = random.nextLong(blocks) * BLOCK_BYTES;
            Operation operation = random.nextBoolean() ? Operation.READ : Operation.WRITE;
            batch.add(new BlockRequest(operation, offsetBytes, BLOCK_BYTES, 0, payload, 0));
            inFlight++;
            toSubmit--;
        }
        if (!batch.isEmpty()) {
            port.submit(batch);
        }
    }

    /** The loop on which this client's methods must be called. */
    EventLoop loop() {
        return loop;
    }
}
