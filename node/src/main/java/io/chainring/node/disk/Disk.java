package io.chainring.node.disk;

import io.chainring.gateway.nbd.NbdExport;
import io.chainring.host.Ask;
import io.chainring.host.Host;
import io.chainring.host.HostSettings;
import io.chainring.host.HostWorkers;
import io.chainring.host.SignalMask;
import io.chainring.host.store.BlockStore;
import io.chainring.host.store.StoreStatus;
import io.chainring.node.data.DiskRecord;
import io.chainring.node.loop.EventLoops;
import io.chainring.ring.backend.BackendSetup;
import io.chainring.ring.backend.KillSwitch;
import io.chainring.ring.backend.ProcessingCursor;
import io.chainring.ring.backend.RingStatistics;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.LocalRingService;
import io.chainring.ring.supervise.RingDoor;
import io.chainring.ring.supervise.RingService;
import io.chainring.ring.supervise.RingSettings;
import io.chainring.ring.supervise.RingSupervisor;
import io.chainring.ring.supervise.SupervisorCommand;
import io.chainring.ring.supervise.SupervisorSetup;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.jspecify.annotations.Nullable;

/**
 * One disk that this node serves: block store, workers, mask, counts and the actors that use them, all on one loop.
 *
 * <pre>
 *   open store --> start ---> [recovering] ---> [serving] --kill, death--> [recovering] ...
 *                                                  |
 *                                stop: rings closed, chains finished --> flush --> close
 * </pre>
 *
 * What is made here outlives every actor of the disk, and none of it is made twice: the mask, the counts and the
 * processing cursor carry from one backend to the next, the workers from one host to the next.
 */
public final class Disk {
    private final DiskRecord record;
    private final int loopIndex;
    private final IoEventLoop loop;
    private final BlockStore store;
    private final String identifier;
    private final HostWorkers workers;
    private final SignalMask mask;
    private final RingStatistics statistics = new RingStatistics();
    private final Watch watch;
    private final SupervisorSetup setup;
    private final ActorSystem<NodeGuardian.Command> system;
    private final CompletableFuture<ActorRef<SupervisorCommand>> supervisor;
    private @Nullable RingService service;

    /**
     * What a disk is made of.
     *
     * @param record which disk
     * @param store its image, open; the disk closes it
     * @param identifier its drive letter identifier: what guests read as its serial
     * @param ring settings, with the disk's journal
     * @param host settings
     * @param loops of the node
     * @param loopIndex on which of them it lives
     * @param events hears of its work
     */
    public record Parts(
            DiskRecord record,
            BlockStore store,
            String identifier,
            RingSettings ring,
            HostSettings host,
            EventLoops loops,
            int loopIndex,
            DiskEvents events) {}

    private Disk(ActorSystem<NodeGuardian.Command> system, Parts parts) {
        this.record = parts.record();
        this.loopIndex = parts.loopIndex();
        this.loop = parts.loops().loop(parts.loopIndex());
        this.store = parts.store();
        this.identifier = parts.identifier();
        this.workers = HostWorkers.create(record.name(), parts.host());
        this.mask = new SignalMask(record.name());
        this.watch = new Watch(parts.events());
        this.system = system;
        DispatcherSelector dispatcher =
                DispatcherSelector.fromConfig(EventLoops.dispatcherPath(loopIndex));
        this.setup = setup(parts, dispatcher);
        this.supervisor =
                Ask.<NodeGuardian.Command, ActorRef<SupervisorCommand>>of(
                        system,
                        replyTo ->
                                new NodeGuardian.StartDisk(
                                        record.name(),
                                        RingSupervisor.create(setup),
                                        dispatcher,
                                        replyTo),
                        Duration.ofSeconds(30),
                        system.scheduler());
    }

    /** Starts a disk's actors; {@link #serving} tells when it is up. */
    public static Disk start(ActorSystem<NodeGuardian.Command> system, Parts parts) {
        return new Disk(system, parts);
    }

    private SupervisorSetup setup(Parts parts, DispatcherSelector dispatcher) {
        RingSettings ring = parts.ring();
        BackendSetup backend =
                new BackendSetup(
                        record.persistenceId(),
                        ring.journal(),
                        ring.limits(),
                        mask,
                        new KillSwitch(),
                        new ProcessingCursor(),
                        statistics,
                        watch);
        // A new supervisor counts its hosts from 1 again; the workers want to see them grow.
        AtomicLong hostIncarnations = new AtomicLong();
        return new SupervisorSetup(
                record.name(),
                backend,
                new RingDoor(),
                incarnation ->
                        Host.create(
                                store,
                                workers,
                                hostIncarnations.incrementAndGet(),
                                parts.host(),
                                identifier,
                                parts.events()),
                ring.shape(),
                store::capacityBytes,
                dispatcher,
                ring.backoffFirst(),
                ring.backoffLongest(),
                ring.outageLimit());
    }

    /** Which disk this is. */
    public DiskRecord record() {
        return record;
    }

    /** Complete when the disk has read its journal, resumed what was in flight, and serves. */
    public CompletionStage<Done> serving() {
        return supervisor.thenCombine(watch.firstServing(), (ref, done) -> done);
    }

    /** Where clients' rings are opened. Call it when the disk serves. */
    public synchronized RingService service() {
        RingService present = service;
        if (present == null) {
            present = new LocalRingService(setup, supervisor.join());
            service = present;
        }
        return present;
    }

    /** The disk as NBD clients see it now. Call it when the disk serves. */
    public NbdExport export() {
        return new NbdExport(
                record.name(),
                "Chainring disk " + record.name() + ", identifier " + identifier,
                store.capacityBytes(),
                store.readOnly(),
                service(),
                loop);
    }

    /**
     * Makes the disk larger. Returns when the image is; clients that connect when the stage is complete see the new
     * size, those that are connected keep the one that they were told.
     *
     * @param newCapacityBytes not below the present size, a multiple of 512
     */
    public CompletionStage<Done> grow(long newCapacityBytes) throws IOException {
        store.grow(newCapacityBytes);
        return supervisor.thenCompose(
                ref ->
                        Ask.<SupervisorCommand, Done>of(
                                ref,
                                replyTo -> new SupervisorCommand.Grown(newCapacityBytes, replyTo),
                                Duration.ofSeconds(10),
                                system.scheduler()));
    }

    /** Present size of the disk. */
    public long capacityBytes() {
        return store.capacityBytes();
    }

    /**
     * The door for kills.
     *
     * @return false when there was nobody to kill: between death and restart there is not
     */
    public CompletionStage<Boolean> kill(SupervisorCommand.Target target, KillMode mode) {
        return supervisor.thenCompose(
                ref ->
                        Ask.<SupervisorCommand, Boolean>of(
                                ref,
                                replyTo -> new SupervisorCommand.Kill(target, mode, replyTo),
                                Duration.ofSeconds(10),
                                system.scheduler()));
    }

    /** Closes all rings, lets what has begun finish, and stops the actors, in at most the given time. */
    public CompletionStage<Done> stop(Duration limit) {
        return supervisor.thenCompose(
                ref ->
                        Ask.<SupervisorCommand, Done>of(
                                ref, SupervisorCommand.Stop::new, limit, system.scheduler()));
    }

    /**
     * Flushes and closes the image, after {@link #stop} or the end of the ActorSystem.
     *
     * @throws IOException when the flush fails: what was written may be lost
     */
    public void close(Duration limit) throws IOException, InterruptedException {
        workers.close();
        boolean ended = workers.awaitEnd(limit.toMillis());
        if (!ended) {
            // Closing would wait for that request without a bound; the end of the process closes it
            // too.
            throw new IOException("disk " + record.name() + ": its image still works on a request");
        }
        try {
            if (store.status().state() == StoreStatus.State.OPEN) {
                store.flush();
            }
        } finally {
            store.close();
        }
    }

    /** How it is. */
    public DiskStatus status() {
        StoreStatus health = store.status();
        boolean failed = health.state() != StoreStatus.State.OPEN;
        return new DiskStatus(
                record.name(),
                record.uuid().toString(),
                record.path().toString(),
                store.capacityBytes(),
                failed ? "failed" : watch.serving() ? "serving" : "recovering",
                health.reason(),
                record.journal(),
                loopIndex,
                statistics.epoch.get(),
                statistics.rings.get(),
                statistics.inFlightChains.get(),
                statistics.waitingChains.get(),
                statistics.completedChains.get(),
                statistics.backendRestarts.get(),
                statistics.executorRestarts.get(),
                mask.deferredSignals(),
                statistics.resumedChains.get(),
                statistics.reexecutedChains.get(),
                statistics.renotifiedChains.get(),
                statistics.droppedCompletions.get(),
                statistics.abandonedChains.get(),
                statistics.poisonedChains.get(),
                statistics.brokenRings.get(),
                statistics.turns.get(),
                age(statistics.oldestInFlightSinceNanos()),
                age(statistics.recordingSinceNanos.get()),
                millis(statistics.lastRecoveryNanos.get()));
    }

    private static double age(long sinceNanos) {
        return sinceNanos == 0 ? 0 : millis(Math.max(0, System.nanoTime() - sinceNanos));
    }

    /** Milliseconds with three decimals. */
    private static double millis(long nanos) {
        return Math.round(nanos / 1e3) / 1e3;
    }
}
