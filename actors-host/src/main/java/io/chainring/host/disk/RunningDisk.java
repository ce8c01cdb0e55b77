package io.chainring.host.disk;

import io.chainring.base.fault.FaultPoints;
import io.chainring.host.Ask;
import io.chainring.host.Host;
import io.chainring.host.HostWorkers;
import io.chainring.host.store.BlockStore;
import io.chainring.host.store.StoreStatus;
import io.chainring.ring.backend.BackendSetup;
import io.chainring.ring.backend.KillSwitch;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.signal.SignalMask;
import io.chainring.ring.supervise.LocalRingService;
import io.chainring.ring.supervise.RingDoor;
import io.chainring.ring.supervise.RingService;
import io.chainring.ring.supervise.RingSettings;
import io.chainring.ring.supervise.RingSupervisor;
import io.chainring.ring.supervise.SupervisorCommand;
import io.chainring.ring.supervise.SupervisorSetup;
import io.chainring.ring.turn.KillPoint;
import io.chainring.ring.turn.ProcessingCursor;
import io.chainring.ring.turn.RingStatistics;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;

/**
 * One disk from its open store to its end, the same for a node and for an embedder: store, workers, mask, counts, and the
 * actors that use them.
 *
 * <pre>
 *   start ---> [recovering] --> [serving] --kill, death--> [recovering] ...
 *                   |               |
 *                   +---------------+--- stop, or the end of the ActorSystem
 *                                   v
 *      rings closed, chains finished --> no actor left --> no thread inside of the store
 *                                                            --> flush --> close --> ended
 * </pre>
 *
 * What is made here outlives every actor of the disk, and none of it is made twice: the mask, the counts and the
 * processing cursor carry from one backend to the next, the workers from one host to the next, {@link RingDoor} from one
 * supervisor to the next.
 *
 * <p>The order of the end is the same however it comes, and it has no limit of time: what has begun is waited for, on a
 * thread of its own. Who waits for it has limits. The store is closed always, also when its flush fails, and {@link
 * #ended} is complete when nothing of the disk runs any more and not before. Thread-safe.
 */
public final class RunningDisk {
    private static final Duration DOOR_LIMIT = Duration.ofSeconds(10);
    private static final AtomicLong STARTED = new AtomicLong();

    private final DiskParts parts;
    private final ActorSystem<?> system;
    private final HostWorkers workers;
    private final SignalMask mask;
    private final KillSwitch kills = new KillSwitch();
    private final RingStatistics statistics = new RingStatistics();
    private final ServingWatch watch;
    private final ActorRef<SupervisorCommand> guardian;
    private final RingService service;
    private final CompletableFuture<Done> ended = new CompletableFuture<>();

    private RunningDisk(ActorSystem<?> system, DiskParts parts) {
        this.parts = parts;
        this.system = system;
        workers = HostWorkers.create(parts.name(), parts.host());
        mask = new SignalMask(parts.name());
        watch = new ServingWatch(parts.listener());
        SupervisorSetup setup = setup();
        guardian =
                system.systemActorOf(
                        DiskGuardian.create(
                                parts.name(),
                                RingSupervisor.create(setup),
                                statistics.usefulBackends::get,
                                this::supervisorHasEnded,
                                this::actorsHaveEnded),
                        "chainring-" + STARTED.incrementAndGet() + "-" + parts.name(),
                        parts.dispatcher());
        service = new LocalRingService(setup, guardian);
    }

    /**
     * Starts a disk's actors; {@link #serving} tells when it is up.
     *
     * @throws IllegalStateException when the ActorSystem is ending; the store is as it was
     */
    public static RunningDisk start(ActorSystem<?> system, DiskParts parts) {
        return new RunningDisk(system, parts);
    }

    private SupervisorSetup setup() {
        RingSettings ring = parts.ring();
        BlockStore store = parts.store();
        BackendSetup backend =
                new BackendSetup(
                        parts.persistenceId(),
                        ring.journal(),
                        ring.limits(),
                        mask,
                        kills,
                        new ProcessingCursor(),
                        statistics,
                        watch);
        // A new supervisor counts its hosts from 1 again; the workers want to see them grow.
        AtomicLong hostIncarnations = new AtomicLong();
        return new SupervisorSetup(
                parts.name(),
                backend,
                new RingDoor(),
                incarnation ->
                        Host.create(
                                store,
                                workers,
                                hostIncarnations.incrementAndGet(),
                                parts.host(),
                                parts.serial(),
                                parts.listener(),
                                kills),
                ring.shape(),
                parts.dispatcher(),
                ring.backoffFirst(),
                ring.backoffLongest(),
                ring.outageLimit());
    }

    /** Where its bytes are. */
    public BlockStore store() {
        return parts.store();
    }

    /** What happened to it so far. */
    public RingStatistics statistics() {
        return statistics;
    }

    /** Signals that waited for the end of a completion section. */
    public long deferredSignals() {
        return mask.deferredSignals();
    }

    /** Where clients' rings are opened. */
    public RingService service() {
        return service;
    }

    /** The door of its supervisors, whichever is present. */
    public ActorRef<SupervisorCommand> supervisor() {
        return guardian;
    }

    /** Whether its backend serves, over a store that has not failed. */
    public boolean isServing() {
        return watch.serving() && store().status().state() == StoreStatus.State.OPEN;
    }

    /** Complete when it has read its journal, resumed what was in flight, and serves; fails when it ends before. */
    public CompletionStage<Done> serving() {
        return watch.firstServing().copy();
    }

    /**
     * As {@link #serving}, but fails already, with what it failed of, when the first backend that was not killed on purpose
     * dies before it serves; others follow all the same.
     */
    public CompletionStage<Done> firstAttempt() {
        return watch.firstAttempt().copy();
    }

    /**
     * Kills its backend, its host, its oldest frontend or its supervisor on purpose.
     *
     * @return false when there was nobody to kill: between death and restart there is not
     */
    public CompletionStage<Boolean> kill(SupervisorCommand.Target target, KillMode mode) {
        return Ask.<SupervisorCommand, Boolean>of(
                guardian,
                replyTo -> new SupervisorCommand.Kill(target, mode, replyTo),
                DOOR_LIMIT,
                system.scheduler());
    }

    /** Where its actors die on purpose: arms and counts the named points. */
    public FaultPoints<KillPoint, KillMode> killPoints() {
        return kills.points();
    }

    /**
     * Makes it larger. Returns when the store is; clients that connect when the stage is complete see the new size, those
     * that are connected keep the one that they were told.
     *
     * @param newCapacityBytes not below the present size
     */
    public CompletionStage<Done> grow(long newCapacityBytes) throws IOException {
        parts.store().grow(newCapacityBytes);
        return Ask.<SupervisorCommand, Done>of(
                guardian,
                replyTo -> new SupervisorCommand.Grown(newCapacityBytes, replyTo),
                DOOR_LIMIT,
                system.scheduler());
    }

    /**
     * Closes all rings, lets what has begun finish, flushes and closes the store. Who calls again joins.
     *
     * @return {@link #ended}
     */
    public CompletableFuture<Done> stop() {
        guardian.tell(new SupervisorCommand.Stop(system.ignoreRef()));
        return ended();
    }

    /**
     * Complete when nothing of the disk runs any more and its store is closed; fails, at that same moment, when the store
     * could not be flushed or closed: what was written last may be lost.
     */
    public CompletableFuture<Done> ended() {
        return ended.copy();
    }

    /** Nobody serves, and no record is under way any more. */
    private void supervisorHasEnded() {
        watch.ended();
        statistics.recordingSinceNanos.set(0);
    }

    /** May be called on the disk's loop, which must not wait for a disk. */
    private void actorsHaveEnded() {
        watch.stopped(new IllegalStateException("disk " + parts.name() + " was stopped"));
        Thread closing = new Thread(this::close, "chainring-close-" + parts.name());
        closing.setDaemon(true);
        try {
            closing.start();
        } catch (OutOfMemoryError e) {
            ended.completeExceptionally(e);
        }
    }

    private void close() {
        try {
            workers.close();
            while (!workers.awaitEnd(Long.MAX_VALUE)) {
                // A thread inside of the store cannot be recalled.
            }
            flushAndClose(parts.store());
            ended.complete(Done.getInstance());
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            // An Error too: a store is somebody else's code, and its disk has ended all the same.
            ended.completeExceptionally(e);
        }
    }

    private static void flushAndClose(BlockStore store) throws IOException {
        try (store) {
            if (!store.readOnly() && store.status().state() == StoreStatus.State.OPEN) {
                store.flush();
            }
        }
    }
}
