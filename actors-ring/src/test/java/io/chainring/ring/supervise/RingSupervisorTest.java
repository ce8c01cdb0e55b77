package io.chainring.ring.supervise;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.chainring.base.StalledJournal;
import io.chainring.ring.backend.BackendSetup;
import io.chainring.ring.backend.KillSwitch;
import io.chainring.ring.backend.RingListener;
import io.chainring.ring.execute.Chain;
import io.chainring.ring.execute.ExecutorCommand;
import io.chainring.ring.execute.ExecutorReply;
import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.CompletionSink;
import io.chainring.ring.frontend.RingPort;
import io.chainring.ring.frontend.RingShape;
import io.chainring.ring.record.TurnEvent;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.signal.Signal;
import io.chainring.ring.signal.SignalGate;
import io.chainring.ring.turn.BackendLimits;
import io.chainring.ring.turn.CrashPolicy;
import io.chainring.ring.turn.ProcessingCursor;
import io.chainring.ring.turn.RingStatistics;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What clients of a disk and whoever stops it hear of its supervisor, with real actors around a scripted executor. */
class RingSupervisorTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long CAPACITY_BYTES = 1 << 20;

    private final ActorTestKit kit =
            ActorTestKit.create(
                    PersistenceTestKitPlugin.getInstance()
                            .config()
                            .withFallback(PersistenceTestKitSnapshotPlugin.config())
                            .withFallback(ConfigFactory.load()));
    private final PersistenceTestKit journal = PersistenceTestKit.create(kit.system());
    private final RingStatistics statistics = new RingStatistics();
    private final RingDoor door = new RingDoor();
    private final AtomicInteger executors = new AtomicInteger();
    private int executorLimit = 100;
    private boolean executes = true;

    private final class Client implements CompletionSink {
        final CompletableFuture<RingPort> port = new CompletableFuture<>();
        final CompletableFuture<String> closed = new CompletableFuture<>();
        final List<BlockRequest> completed = new CopyOnWriteArrayList<>();
        final AtomicReference<@Nullable String> early = new AtomicReference<>();

        @Override
        public void opened(RingPort opened) {
            boolean recorded =
                    journal.persistedInStorage("disk-d").stream()
                            .anyMatch(event -> !((TurnEvent) event).attached().isEmpty());
            if (!recorded) {
                early.set("opened before the journal knows the ring");
            }
            port.complete(opened);
        }

        @Override
        public void completed(List<BlockRequest> requests) {
            completed.addAll(requests);
        }

        @Override
        public void closed(String reason) {
            assertTrue(closed.complete(reason), "closed is the last call");
        }

        void flush() {
            port.join().submit(List.of(new BlockRequest(Operation.FLUSH, 0, 0, 0, null, 0)));
        }
    }

    /** No signal is raised here. */
    private static final class NoGate implements SignalGate {
        @Override
        public void mask() {}

        @Override
        public @Nullable Signal unmask() {
            return null;
        }

        @Override
        public boolean raise(Signal signal) {
            return false;
        }

        @Override
        public void reset() {}

        @Override
        public long deferredSignals() {
            return 0;
        }
    }

    @AfterEach
    void shutDown() {
        kit.shutdownTestKit();
    }

    private Behavior<ExecutorCommand> executor(long incarnation) {
        if (executors.incrementAndGet() > executorLimit) {
            throw new IllegalStateException("no further executor in this test");
        }
        AtomicReference<@Nullable ActorRef<ExecutorReply>> backend = new AtomicReference<>();
        return Behaviors.receiveMessage(
                command -> {
                    ActorRef<ExecutorReply> present = backend.get();
                    if (command instanceof ExecutorCommand.Adopt adopt) {
                        backend.set(adopt.replyTo());
                        adopt.replyTo()
                                .tell(
                                        new ExecutorReply.Adopted(
                                                adopt.epoch(),
                                                incarnation,
                                                CAPACITY_BYTES,
                                                List.of(),
                                                List.of()));
                    } else if (command instanceof ExecutorCommand.Execute execute
                            && executes
                            && present != null) {
                        long outcome = execute.journaledUpTo();
                        for (Chain chain : execute.chains()) {
                            chain.finish(ChainStatus.OK, 0);
                            chain.outcomeSequence(++outcome);
                        }
                        present.tell(
                                new ExecutorReply.Executed(
                                        execute.epoch(), incarnation, execute.chains()));
                    }
                    return Behaviors.same();
                });
    }

    private SupervisorSetup setup(int ringLimit) {
        BackendSetup backend =
                new BackendSetup(
                        "disk-d",
                        new BackendSetup.JournalChoice("", "", null, 100),
                        new BackendLimits(
                                16, 16, 16, ringLimit, 1 << 20, 16, 3, CrashPolicy.RESUME),
                        new NoGate(),
                        new KillSwitch(),
                        new ProcessingCursor(),
                        statistics,
                        RingListener.NONE);
        return new SupervisorSetup(
                "d",
                backend,
                door,
                this::executor,
                new RingShape(32, 1 << 20),
                DispatcherSelector.defaultDispatcher(),
                Duration.ofMillis(1),
                Duration.ofMillis(10),
                null);
    }

    @Test
    void whoIsOneTooManyIsRefusedBeforeItOpensAndNobodyElseIsHurt() {
        SupervisorSetup setup = setup(1);
        LocalRingService service =
                new LocalRingService(setup, kit.spawn(RingSupervisor.create(setup)));
        Client first = new Client();
        Client second = new Client();
        long ringId = service.openRing(first);
        service.openRing(second);
        await().atMost(PATIENCE).until(first.port::isDone);
        await().atMost(PATIENCE).until(second.closed::isDone);
        assertTrue(second.closed.join().contains("ring-limit"), second.closed.join());
        assertFalse(second.port.isDone(), "it was told that it is open");
        first.flush();
        await().atMost(PATIENCE).until(() -> first.completed.size() == 1);

        service.closeRing(ringId);
        Client third = new Client();
        service.openRing(third);
        await().atMost(PATIENCE).until(third.port::isDone);
        assertTrue(first.closed.isDone(), "its place was waited for");
    }

    @Test
    void aRingIsOpenWhenTheJournalHoldsIt() {
        SupervisorSetup setup = setup(4);
        LocalRingService service =
                new LocalRingService(setup, kit.spawn(RingSupervisor.create(setup)));
        Client client = new Client();
        service.openRing(client);
        await().atMost(PATIENCE).until(client.port::isDone);
        assertEquals(null, client.early.get());
        assertEquals(CAPACITY_BYTES, client.port.join().capacityBytes());
    }

    @Test
    void aRingThatIsClosedBeforeItOpensNeverDoes() {
        StalledJournal stalled = new StalledJournal();
        journal.withPolicy(stalled);
        SupervisorSetup setup = setup(4);
        LocalRingService service =
                new LocalRingService(setup, kit.spawn(RingSupervisor.create(setup)));
        Client client = new Client();
        long ringId = service.openRing(client);
        service.closeRing(ringId);
        service.closeRing(ringId);
        await().atMost(PATIENCE).until(client.closed::isDone);
        assertFalse(client.port.isDone(), "opened after its client had closed it");
        stalled.letGo();
        Client next = new Client();
        service.openRing(next);
        await().atMost(PATIENCE).until(next.port::isDone);
        assertEquals(1, statistics.rings.get());
        assertFalse(client.port.isDone());
    }

    @Test
    void aWishThatWasAnsweredOnItsWayOpensNothing() {
        SupervisorSetup setup = setup(4);
        Client refused = new Client();
        CompletableFuture<RingDoor.Wish> onItsWay = new CompletableFuture<>();
        door.ask(refused, onItsWay::complete);
        door.close("the supervisor before died");
        assertTrue(refused.closed.isDone());
        ActorRef<SupervisorCommand> supervisor = kit.spawn(RingSupervisor.create(setup));
        supervisor.tell(new SupervisorCommand.OpenRing(1, onItsWay.join()));
        LocalRingService service = new LocalRingService(setup, supervisor);
        AtomicReference<Client> next = new AtomicReference<>();
        await().atMost(PATIENCE).until(() -> isNoted(service, next));
        await().atMost(PATIENCE).until(next.get().port::isDone);
        assertEquals(1, statistics.rings.get(), "a ring is open that nobody will close");
        assertFalse(refused.port.isDone());
    }

    /** False while the door is closed: the supervisor that opens it may not have begun. */
    private boolean isNoted(LocalRingService service, AtomicReference<Client> wish) {
        Client client = new Client();
        wish.set(client);
        service.openRing(client);
        return !client.closed.isDone();
    }

    @Test
    void aSupervisorThatDiesWhileItStopsAnswersAndItsSuccessorStopsToo() {
        SupervisorSetup setup = setup(4);
        executorLimit = 1;
        executes = false;
        ActorRef<SupervisorCommand> supervisor = kit.spawn(RingSupervisor.create(setup));
        Client client = new Client();
        new LocalRingService(setup, supervisor).openRing(client);
        await().atMost(PATIENCE).until(client.port::isDone);
        client.flush();
        await().atMost(PATIENCE).until(() -> statistics.inFlightChains.get() == 1);
        TestProbe<Done> stopped = kit.createTestProbe();
        TestProbe<Boolean> killed = kit.createTestProbe();
        supervisor.tell(new SupervisorCommand.Stop(stopped.ref()));
        supervisor.tell(
                new SupervisorCommand.Kill(
                        SupervisorCommand.Target.HOST, KillMode.STOP, killed.ref()));
        stopped.expectMessage(PATIENCE, Done.getInstance());
        stopped.expectTerminated(supervisor, PATIENCE);
        await().atMost(PATIENCE).until(client.closed::isDone);

        int before = executors.get();
        ActorRef<SupervisorCommand> successor = kit.spawn(RingSupervisor.create(setup));
        stopped.expectTerminated(successor, PATIENCE);
        assertEquals(before, executors.get(), "a disk that stops starts nothing");

        door.stop(stopped.ref());
        stopped.expectMessage(PATIENCE, Done.getInstance());
    }

    @Test
    void aStopIsAnsweredWhenNothingRunsAnyMore() {
        SupervisorSetup setup = setup(4);
        ActorRef<SupervisorCommand> supervisor = kit.spawn(RingSupervisor.create(setup));
        Client client = new Client();
        new LocalRingService(setup, supervisor).openRing(client);
        await().atMost(PATIENCE).until(client.port::isDone);
        TestProbe<Done> stopped = kit.createTestProbe();
        supervisor.tell(door.stop(stopped.ref()));
        stopped.expectMessage(PATIENCE, Done.getInstance());
        assertTrue(client.closed.isDone());
        stopped.expectTerminated(supervisor, PATIENCE);
    }
}
