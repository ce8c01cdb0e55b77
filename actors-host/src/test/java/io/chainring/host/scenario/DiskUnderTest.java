package io.chainring.host.scenario;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.host.Host;
import io.chainring.host.HostListener;
import io.chainring.host.HostSettings;
import io.chainring.host.HostWorkers;
import io.chainring.host.IoMode;
import io.chainring.host.store.BlockStore;
import io.chainring.ring.backend.BackendSetup;
import io.chainring.ring.backend.KillSwitch;
import io.chainring.ring.backend.RingListener;
import io.chainring.ring.client.BlockClient;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.signal.SignalMask;
import io.chainring.ring.supervise.LocalRingService;
import io.chainring.ring.supervise.RingDoor;
import io.chainring.ring.supervise.RingService;
import io.chainring.ring.supervise.RingSettings;
import io.chainring.ring.supervise.RingSupervisor;
import io.chainring.ring.supervise.SupervisorCommand;
import io.chainring.ring.supervise.SupervisorSetup;
import io.chainring.ring.turn.ProcessingCursor;
import io.chainring.ring.turn.RingStatistics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/** One disk with everything real but its store's faults: supervisor, backend, host, journal on files. */
final class DiskUnderTest implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofMinutes(2);

    /** The log counts lines of each disk apart: no two have the same name. */
    private static final AtomicInteger DISKS = new AtomicInteger();

    final String name = "under-test-" + DISKS.incrementAndGet();
    final RingStatistics statistics = new RingStatistics();
    final KillPlan kills = new KillPlan();
    final KillSwitch killSwitch = new KillSwitch(kills);
    final SignalMask mask = new SignalMask(name);
    private final BlockStore store;
    private final ActorTestKit kit;
    private final HostWorkers workers;
    private final ActorRef<SupervisorCommand> supervisor;
    private final RingService service;

    DiskUnderTest(BlockStore store, Path directory) {
        this(store, directory, IoMode.POOL, UnaryOperator.identity());
    }

    DiskUnderTest(BlockStore store, Path directory, IoMode io, UnaryOperator<RingSettings> change) {
        this(store, onFiles(directory), io, change);
    }

    DiskUnderTest(BlockStore store, Config config, IoMode io, UnaryOperator<RingSettings> change) {
        this.store = store;
        kit = ActorTestKit.create("disk-under-test", config);
        Config whole = kit.system().settings().config();
        RingSettings ring = change.apply(RingSettings.of(whole));
        HostSettings host = HostSettings.from(whole).withIo(io);
        workers = HostWorkers.create("under-test", host);
        BackendSetup backend =
                new BackendSetup(
                        "disk-under-test",
                        ring.journal(),
                        ring.limits(),
                        mask,
                        killSwitch,
                        new ProcessingCursor(),
                        statistics,
                        RingListener.NONE);
        SupervisorSetup setup =
                new SupervisorSetup(
                        name,
                        backend,
                        new RingDoor(),
                        incarnation ->
                                Host.create(
                                        store,
                                        workers,
                                        incarnation,
                                        host,
                                        "under-test",
                                        HostListener.NONE,
                                        killSwitch),
                        ring.shape(),
                        DispatcherSelector.defaultDispatcher(),
                        ring.backoffFirst(),
                        ring.backoffLongest(),
                        ring.outageLimit());
        supervisor = kit.spawn(RingSupervisor.create(setup));
        service = new LocalRingService(setup, supervisor);
    }

    static Config onFiles(Path directory) {
        return ConfigFactory.parseString(
                        """
                        pekko.loglevel = WARNING
                        pekko.persistence.journal.plugin = "chainring.persistence.leveldb.journal"
                        pekko.persistence.snapshot-store.plugin = "chainring.persistence.leveldb.snapshot-store"
                        chainring.persistence.leveldb.fsync = off
                        """)
                .withFallback(
                        ConfigFactory.parseMap(
                                Map.of("chainring.persistence.leveldb.dir", directory.toString())))
                .withFallback(ConfigFactory.load());
    }

    ActorTestKit kit() {
        return kit;
    }

    BlockStore store() {
        return store;
    }

    RingService service() {
        return service;
    }

    BlockClient client() {
        return BlockClient.open(service, 65536, ForkJoinPool.commonPool());
    }

    /** Kills through the supervisor's door; true when there was somebody to kill. */
    boolean kill(SupervisorCommand.Target target, KillMode mode) {
        return await(
                AskPattern.<SupervisorCommand, Boolean>ask(
                        supervisor,
                        replyTo -> new SupervisorCommand.Kill(target, mode, replyTo),
                        PATIENCE,
                        kit.system().scheduler()));
    }

    /** The store has grown: tells the disk, and waits until it is known. */
    void grown(long capacityBytes) {
        await(
                AskPattern.<SupervisorCommand, Done>ask(
                        supervisor,
                        replyTo -> new SupervisorCommand.Grown(capacityBytes, replyTo),
                        PATIENCE,
                        kit.system().scheduler()));
    }

    /** Stops as an operator does: what has begun finishes. */
    void stop() {
        Done done =
                await(
                        AskPattern.<SupervisorCommand, Done>ask(
                                supervisor,
                                SupervisorCommand.Stop::new,
                                PATIENCE,
                                kit.system().scheduler()));
        if (done == null) {
            throw new IllegalStateException("no answer to stop");
        }
    }

    static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends the whole system where it stands, as the death of its process would; the store stays open. */
    @Override
    public void close() {
        kit.shutdownTestKit();
        workers.close();
    }
}
