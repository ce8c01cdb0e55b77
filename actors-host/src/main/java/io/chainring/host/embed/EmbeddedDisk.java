package io.chainring.host.embed;

import io.chainring.base.fault.FaultPoints;
import io.chainring.host.disk.RunningDisk;
import io.chainring.ring.client.BlockClient;
import io.chainring.ring.client.BlockingClient;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.RingService;
import io.chainring.ring.supervise.SupervisorCommand;
import io.chainring.ring.turn.KillPoint;
import io.chainring.ring.turn.RingStatistics;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.SeekableByteChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.pekko.Done;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.jspecify.annotations.Nullable;

/**
 * One disk of {@link Chainring}. Thread-safe.
 *
 * <pre>
 *   open --> [opening] --> [serving] --- stop, close, or the shutdown of the ActorSystem
 *                |                             v
 *                |            clients' chains finish --> rings close --> flush, store closed, name free
 *                +-- no journal, or a bad one: {@link #whenServing} fails, and the disk stops
 * </pre>
 */
public final class EmbeddedDisk implements AutoCloseable {
    private static final Duration CLOSE_GRACE = Duration.ofSeconds(30);

    private final ActorSystem<?> system;
    private final RunningDisk disk;
    private final int queueLimitRequests;
    private final CompletableFuture<Done> released;
    private final CompletableFuture<Done> opened = new CompletableFuture<>();
    private final OpenClients clients = new OpenClients();
    private final AtomicBoolean stopSent = new AtomicBoolean();
    private final RingService rings;
    private volatile @Nullable String whyNot;

    /**
     * @param released complete when the disk has ended and its name is free
     */
    EmbeddedDisk(
            ActorSystem<?> system,
            RunningDisk disk,
            int queueLimitRequests,
            CompletableFuture<Done> released) {
        this.system = system;
        this.disk = disk;
        this.queueLimitRequests = queueLimitRequests;
        this.released = released;
        this.rings = new ReasonedRings(disk.service(), () -> whyNot);
    }

    /** Watches over its start, and joins the ActorSystem's shutdown. */
    void watch() {
        var unused = disk.firstAttempt().whenComplete((done, failure) -> attempted(failure));
        CoordinatedShutdown shutdown = CoordinatedShutdown.get(system);
        String phase = CoordinatedShutdown.PhaseServiceStop();
        Duration limit = Duration.ofNanos(shutdown.timeout(phase).toNanos());
        Cancellable task =
                shutdown.addCancellableTask(
                        phase, "chainring-disk-" + rings.name(), () -> stop(limit));
        var cancelled = released.whenComplete((done, failure) -> task.cancel());
    }

    private void attempted(@Nullable Throwable failure) {
        if (failure == null) {
            opened.complete(Done.getInstance());
            return;
        }
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        String why = "disk " + rings.name() + " cannot be opened: " + reasons(cause);
        whyNot = why;
        stopNow();
        opened.completeExceptionally(new DiskOpenException(why, cause));
    }

    /** The messages of a failure and its causes: what wraps rarely says what is wrong. */
    private static String reasons(Throwable failure) {
        StringBuilder text = new StringBuilder(String.valueOf(failure.getMessage()));
        Throwable cause = failure.getCause();
        for (int depth = 0; cause != null && depth < 8; depth++, cause = cause.getCause()) {
            String message = String.valueOf(cause.getMessage());
            if (text.indexOf(message) < 0) {
                text.append(": ").append(message);
            }
        }
        return text.toString();
    }

    /**
     * Complete when the disk has read its journal and serves. Fails with {@link DiskOpenException} when its first attempt
     * fails, for want of a usable journal: the disk is stopped then, its clients' requests end with the same reason, its
     * store is closed and its name free. Fails also when the disk is stopped before it serves.
     */
    public CompletionStage<Done> whenServing() {
        return opened.copy();
    }

    /**
     * A client with a ring of its own; its stages complete on the ActorSystem's default dispatcher. Requests may be made at
     * once; they wait until the disk serves.
     *
     * @throws IllegalStateException when the disk could not be opened or is to stop; it says why
     */
    public BlockClient openClient() {
        Executor callbacks = system.executionContext()::execute;
        BlockClient client =
                whyNot == null
                        ? clients.add(() -> BlockClient.open(rings, queueLimitRequests, callbacks))
                        : null;
        if (client == null) {
            String why = whyNot;
            throw new IllegalStateException(
                    why == null ? "disk " + rings.name() + " is stopping or has stopped" : why);
        }
        return client;
    }

    /**
     * A client for threads that wait.
     *
     * @throws IllegalStateException as {@link #openClient}
     */
    public BlockingClient openBlocking() {
        return new BlockingClient(openClient());
    }

    /**
     * The disk as a channel of {@link #capacityBytes} bytes, at position 0. Its close is that of a client: it waits for what
     * is under way, and does not flush.
     *
     * @throws IllegalStateException as {@link #openClient}
     */
    public SeekableByteChannel openChannel() {
        return new DiskChannel(openBlocking(), this::capacityBytes);
    }

    /** The disk for clients that bring their own {@link io.chainring.ring.frontend.CompletionSink}. */
    public RingService service() {
        return rings;
    }

    /** The protocol of its supervisors, whichever is present. */
    public ActorRef<SupervisorCommand> supervisor() {
        return disk.supervisor();
    }

    /** What happened to the disk so far. */
    public RingStatistics statistics() {
        return disk.statistics();
    }

    /** Signals to its actors that waited for the end of a completion section. */
    public long deferredSignals() {
        return disk.deferredSignals();
    }

    /** Whether it serves now: its backend is up, and its store has not failed. */
    public boolean isServing() {
        return disk.isServing();
    }

    /** Its size in bytes. */
    public long capacityBytes() {
        return disk.store().capacityBytes();
    }

    /**
     * Makes it larger; the new part reads as zeroes. Returns when the store is larger: that may block.
     *
     * @param newCapacityBytes not below {@link #capacityBytes}
     * @return complete when the disk knows; whoever opens a client then may use the new part. Clients that are open already
     *     may, too
     * @throws IOException when the store cannot grow; nothing has changed then
     */
    public CompletionStage<Done> grow(long newCapacityBytes) throws IOException {
        return disk.grow(newCapacityBytes);
    }

    /**
     * Kills the disk's backend, its host, the frontend of its oldest client, or its supervisor on purpose. With a frontend its
     * client loses its ring, with the supervisor all clients do: each opens another one and sends again, and requests fail
     * only while there is no supervisor that would open one.
     *
     * @return whether there was one to kill: between death and restart there is not
     */
    public CompletionStage<Boolean> kill(SupervisorCommand.Target target, KillMode mode) {
        return disk.kill(target, mode);
    }

    /**
     * Kills whoever passes a point, in whatever he is doing: the next ones that do, as often as is asked for. Returns at
     * once; {@link #killPoints} tells what became of it, and takes it back.
     *
     * @param times at least 1
     * @return takes back what has not happened
     */
    public Runnable killAt(KillPoint point, KillMode mode, int times) {
        return disk.killPoints().arm(point, mode, 0, times);
    }

    /** The named points of its actors: how often each was passed since somebody counts or arms, and how many died there. */
    public FaultPoints<KillPoint, KillMode> killPoints() {
        return disk.killPoints();
    }

    /**
     * Finishes what was submitted to the clients of {@link #openClient}, closes all rings, flushes and closes the store; the
     * disk's name is free then. Who calls again, also after a time that was too short or after the end, waits for the same
     * end.
     *
     * @param timeout after which the stage fails, and what has not begun is given up; what has begun still finishes, and
     *     the store is closed and the name free when it has
     * @return fails with the reason when the store could not be flushed or closed; it is closed and the name is free all
     *     the same
     */
    public CompletionStage<Done> stop(Duration timeout) {
        var finished = clients.finish().whenComplete((done, failure) -> stopNow());
        return released.copy()
                .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((done, failure) -> stopNow());
    }

    private void stopNow() {
        if (!released.isDone() && stopSent.compareAndSet(false, true)) {
            var unused = disk.stop();
        }
    }

    /**
     * As {@link #stop}, and waits for the end: what was submitted has half a minute, what has begun as long as it takes.
     *
     * @throws IOException when the store could not be flushed or closed
     */
    @Override
    public void close() throws IOException {
        try {
            try {
                stop(CLOSE_GRACE).toCompletableFuture().get();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TimeoutException)) {
                    throw e;
                }
                released.get();
            }
        } catch (ExecutionException e) {
            throw new IOException("disk " + rings.name() + " did not end well", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted =
                    new InterruptedIOException("disk " + rings.name() + " goes on ending");
            interrupted.initCause(e);
            throw interrupted;
        }
    }
}
