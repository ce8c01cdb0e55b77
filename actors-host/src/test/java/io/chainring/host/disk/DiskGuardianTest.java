package io.chainring.host.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.CompletionSink;
import io.chainring.ring.frontend.RingPort;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.RingDoor;
import io.chainring.ring.supervise.SupervisorCommand;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The supervisor of a disk dies: the next one follows, and nobody waits for ever. */
class DiskGuardianTest {
    private final ActorTestKit kit = ActorTestKit.create();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicInteger started = new AtomicInteger();
    private final LinkedBlockingQueue<String> closed = new LinkedBlockingQueue<>();

    private final RingDoor door = new RingDoor();

    private final CompletionSink client =
            new CompletionSink() {
                @Override
                public void opened(RingPort port) {
                    throw new AssertionError("the supervisor of this test opens nothing");
                }

                @Override
                public void completed(List<BlockRequest> requests) {
                    throw new AssertionError("no ring was opened");
                }

                @Override
                public void closed(String reason) {
                    closed.add(reason);
                }
            };

    @AfterEach
    void shutDown() {
        kit.shutdownTestKit();
    }

    /** Dies of a kill, and answers the rest as a disk that is stopping. */
    private Behavior<SupervisorCommand> mortal() {
        return Behaviors.setup(
                context -> {
                    started.incrementAndGet();
                    return Behaviors.receiveMessage(
                            command -> {
                                if (command instanceof SupervisorCommand.Kill) {
                                    throw new IllegalStateException("killed by the test");
                                } else if (command instanceof SupervisorCommand.OpenRing open) {
                                    open.wish().closed("heard by supervisor " + started.get());
                                } else if (command instanceof SupervisorCommand.Stop stop) {
                                    stop.replyTo().tell(Done.getInstance());
                                    return Behaviors.stopped();
                                }
                                return Behaviors.same();
                            });
                });
    }

    private void open(ActorRef<SupervisorCommand> guardian, long ringId) {
        door.ask(client, wish -> guardian.tell(new SupervisorCommand.OpenRing(ringId, wish)));
    }

    @Test
    void theNextSupervisorTakesOver() throws Exception {
        ActorRef<SupervisorCommand> guardian =
                kit.spawn(DiskGuardian.create("d", mortal(), () -> 0, () -> {}, ended::countDown));
        TestProbe<Boolean> killed = kit.createTestProbe();
        open(guardian, 1);
        assertEquals("heard by supervisor 1", closed.poll(10, TimeUnit.SECONDS));
        guardian.tell(
                new SupervisorCommand.Kill(
                        SupervisorCommand.Target.BACKEND, KillMode.STOP, killed.ref()));
        String reason = "";
        long ringId = 2;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (!reason.equals("heard by supervisor 2") && System.nanoTime() < deadline) {
            open(guardian, ringId++);
            // What reached the dying supervisor's mailbox is answered by the disk's RingDoor, not
            // here.
            String heard = closed.poll(100, TimeUnit.MILLISECONDS);
            reason = heard == null ? "" : heard;
            assertTrue(
                    reason.isEmpty()
                            || reason.startsWith("heard by supervisor ")
                            || reason.equals("disk d is being started again"),
                    reason);
        }
        assertEquals("heard by supervisor 2", reason);
        assertEquals(2, started.get());
    }

    @Test
    void stopEndsItAlsoBetweenTwoSupervisors() {
        ActorRef<SupervisorCommand> guardian =
                kit.spawn(DiskGuardian.create("d", mortal(), () -> 0, () -> {}, ended::countDown));
        TestProbe<Boolean> killed = kit.createTestProbe();
        TestProbe<Done> stopped = kit.createTestProbe();
        guardian.tell(
                new SupervisorCommand.Kill(
                        SupervisorCommand.Target.HOST, KillMode.ERROR, killed.ref()));
        // It answers a kill itself once its supervisor is gone.
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        boolean between = false;
        while (!between && System.nanoTime() < deadline) {
            open(guardian, 1);
            between = "disk d is being started again".equals(poll());
        }
        assertTrue(between || started.get() > 1);
        guardian.tell(new SupervisorCommand.Stop(stopped.ref()));
        stopped.expectMessage(Duration.ofSeconds(120), Done.getInstance());
        stopped.expectTerminated(guardian, Duration.ofSeconds(120));
    }

    private String poll() {
        try {
            String heard = closed.poll(10, TimeUnit.MILLISECONDS);
            return heard == null ? "" : heard;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    /**
     * It dies of being stopped: what it was told to answer is lost with it.
     *
     * @param until it dies only after this
     */
    private static Behavior<SupervisorCommand> dyingOfItsEnd(CountDownLatch until) {
        return Behaviors.receiveMessage(
                command -> {
                    if (command instanceof SupervisorCommand.Stop) {
                        until.await();
                        throw new IllegalStateException("killed by the test");
                    }
                    return Behaviors.same();
                });
    }

    @Test
    void whoWaitsForTheEndIsAnsweredWhenTheSupervisorDiesOfIt() throws Exception {
        CountDownLatch bothAsked = new CountDownLatch(1);
        ActorRef<SupervisorCommand> guardian =
                kit.spawn(
                        DiskGuardian.create(
                                "d",
                                dyingOfItsEnd(bothAsked),
                                () -> 0,
                                () -> {},
                                ended::countDown));
        TestProbe<Done> stopped = kit.createTestProbe();
        guardian.tell(new SupervisorCommand.Stop(stopped.ref()));
        guardian.tell(new SupervisorCommand.Stop(stopped.ref()));
        bothAsked.countDown();
        stopped.expectMessage(Duration.ofSeconds(120), Done.getInstance());
        stopped.expectMessage(Duration.ofSeconds(120), Done.getInstance());
        assertTrue(ended.await(20, TimeUnit.SECONDS));
    }
}
