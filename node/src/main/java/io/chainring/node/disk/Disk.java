package io.chainring.node.disk;

import io.chainring.base.fault.FaultPoints;
import io.chainring.gateway.nbd.setup.NbdExport;
import io.chainring.host.HostSettings;
import io.chainring.host.disk.DiskListener;
import io.chainring.host.disk.DiskParts;
import io.chainring.host.disk.RunningDisk;
import io.chainring.host.metrics.DiskMeters;
import io.chainring.host.store.BlockStore;
import io.chainring.host.store.StoreStatus;
import io.chainring.node.loop.EventLoops;
import io.chainring.registry.rules.DiskStorage;
import io.chainring.registry.rules.RegisteredDisk;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.RingService;
import io.chainring.ring.supervise.RingSettings;
import io.chainring.ring.supervise.SupervisorCommand;
import io.chainring.ring.turn.KillPoint;
import io.chainring.ring.turn.RecoveryTimes;
import io.chainring.ring.turn.RingStatistics;
import io.netty.channel.IoEventLoop;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.jspecify.annotations.Nullable;

/** A {@link RunningDisk} as a node serves it: on one loop, under the names that the registry gave it, with its counts. */
public final class Disk {
    private final RegisteredDisk registered;
    private final DiskStorage storage;
    private final int loopIndex;
    private final IoEventLoop loop;
    private final BlockStore store;
    private final RunningDisk running;
    private final Supplier<@Nullable String> journalProblem;

    /**
     * What a disk is made of.
     *
     * @param registered which disk, as the registry knows it while it runs
     * @param store its image, open; the disk closes it
     * @param ring settings, with the disk's journal
     * @param host settings
     * @param loops of the node
     * @param loopIndex on which of them it lives
     * @param journalProblem says why its journal takes no writes now, in one line; null while it does
     * @param listener hears of its work
     */
    public record Parts(
            RegisteredDisk registered,
            BlockStore store,
            RingSettings ring,
            HostSettings host,
            EventLoops loops,
            int loopIndex,
            Supplier<@Nullable String> journalProblem,
            DiskListener listener) {}

    private Disk(ActorSystem<?> system, Parts parts) {
        registered = parts.registered();
        storage = Objects.requireNonNull(registered.storage());
        loopIndex = parts.loopIndex();
        loop = parts.loops().loop(loopIndex);
        store = parts.store();
        journalProblem = parts.journalProblem();
        running =
                RunningDisk.start(
                        system,
                        new DiskParts(
                                name(),
                                persistenceId(storage),
                                store,
                                registered.identifier().toString(),
                                parts.ring(),
                                parts.host(),
                                parts.listener(),
                                DispatcherSelector.fromConfig(
                                        EventLoops.dispatcherPath(loopIndex))));
    }

    /** Begins the persistence ids of disks. */
    public static final String PERSISTENCE_ID_PREFIX = "disk-";

    /** The one persistence id of a disk: all that is recorded of it stands in its journal under this. */
    public static String persistenceId(DiskStorage storage) {
        return PERSISTENCE_ID_PREFIX + storage.journalId();
    }

    /** Starts a disk's actors; {@link #serving} tells when it is up. */
    public static Disk start(ActorSystem<?> system, Parts parts) {
        return new Disk(system, parts);
    }

    /** Shows its counts from now on. */
    public void showIn(DiskMeters meters) {
        meters.show(running.statistics(), running::isServing, running::deferredSignals);
    }

    /** What people call it. */
    public String name() {
        return registered.diskName();
    }

    /** Path of its image. */
    public String path() {
        return storage.path();
    }

    /** As {@link RunningDisk#serving}. */
    public CompletionStage<Done> serving() {
        return running.serving();
    }

    /** Where clients' rings are opened. */
    public RingService service() {
        return running.service();
    }

    /** The disk as NBD clients see it now. */
    public NbdExport export() {
        return new NbdExport(
                name(),
                "Chainring disk " + name() + ", identifier " + registered.identifier(),
                store.capacityBytes(),
                store.readOnly(),
                service(),
                loop);
    }

    /** As {@link RunningDisk#grow}. */
    public CompletionStage<Done> grow(long newCapacityBytes) throws IOException {
        return running.grow(newCapacityBytes);
    }

    /** Present size of the disk. */
    public long capacityBytes() {
        return store.capacityBytes();
    }

    /** As {@link RunningDisk#kill}. */
    public CompletionStage<Boolean> kill(SupervisorCommand.Target target, KillMode mode) {
        return running.kill(target, mode);
    }

    /** As {@link RunningDisk#killPoints}. */
    public FaultPoints<KillPoint, KillMode> killPoints() {
        return running.killPoints();
    }

    /** Its open image. */
    public BlockStore store() {
        return store;
    }

    /** Number of its journal. */
    public int journal() {
        return storage.journal();
    }

    /** As {@link RunningDisk#stop}. */
    public CompletableFuture<Done> stop() {
        return running.stop();
    }

    /** As {@link RunningDisk#ended}. */
    public CompletableFuture<Done> ended() {
        return running.ended();
    }

    /** Why its journal takes no writes now, in one line; null while it does. */
    public @Nullable String journalProblem() {
        return journalProblem.get();
    }

    private String reason(StoreStatus health) {
        String journal = journalProblem.get();
        return health.state() == StoreStatus.State.OPEN && journal != null
                ? journal
                : health.reason();
    }

    /** How it is. */
    public DiskStatus status() {
        StoreStatus health = store.status();
        RingStatistics statistics = running.statistics();
        RecoveryTimes.Seen recoveries = statistics.recoveries.seen();
        boolean failed = health.state() != StoreStatus.State.OPEN;
        return new DiskStatus(
                name(),
                registered.uuid().toString(),
                path(),
                store.capacityBytes(),
                failed ? "failed" : running.isServing() ? "serving" : "recovering",
                reason(health),
                storage.journal(),
                loopIndex,
                statistics.epoch.get(),
                statistics.rings.get(),
                statistics.inFlightChains.get(),
                statistics.waitingChains.get(),
                statistics.completedChains.get(),
                statistics.backendRestarts.get(),
                statistics.executorRestarts.get(),
                running.deferredSignals(),
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
                millis(statistics.recoveries.lastNanos()),
                recoveries.count(),
                LongStream.of(recoveries.latestNanos()).mapToDouble(Disk::millis).toArray());
    }

    private static double age(long sinceNanos) {
        return sinceNanos == 0 ? 0 : millis(Math.max(0, System.nanoTime() - sinceNanos));
    }

    /** Milliseconds with three decimals. */
    private static double millis(long nanos) {
        return Math.round(nanos / 1e3) / 1e3;
    }
}
