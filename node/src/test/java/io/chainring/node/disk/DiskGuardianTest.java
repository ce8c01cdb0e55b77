package io.chainring.node.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.CompletionSink;
import io.chainring.ring.frontend.RingPort;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand;
import java.time.Duration;
import java.util.List;
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
    private final AtomicInteger started = new AtomicInteger();
    private final LinkedBlockingQueue<String> closed = new LinkedBlockingQueue<>();

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
                                    open.sink().closed("heard by supervisor " + started.get());
                                } else if (command instanceof SupervisorCommand.Stop stop) {
                                    stop.replyTo().tell(Done.getInstance());
                                    return Behaviors.stopped();
                                }
                                return Behaviors.same();
                            });
                });
    }

    @Test
    void theNextSupervisorTakesOver() throws Exception {
        ActorRef<SupervisorCommand> guardian = kit.spawn(DiskGuardian.create("d", mortal()));
        TestProbe<Boolean> killed = kit.createTestProbe();
        guardian.tell(new SupervisorCommand.OpenRing(1, client));
        assertEquals("heard by supervisor 1", closed.poll(10, TimeUnit.SECONDS));
        guardian.tell(
                new SupervisorCommand.Kill(
                        SupervisorCommand.Target.BACKEND, KillMode.STOP, killed.ref()));
        String reason = "";
        long ringId = 2;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!reason.equals("heard by supervisor 2") && System.nanoTime() < deadline) {
            guardian.tell(new SupervisorCommand.OpenRing(ringId++, client));
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
        ActorRef<SupervisorCommand> guardian = kit.spawn(DiskGuardian.create("d", mortal()));
        TestProbe<Boolean> killed = kit.createTestProbe();
        TestProbe<Done> stopped = kit.createTestProbe();
        guardian.tell(
                new SupervisorCommand.Kill(
                        SupervisorCommand.Target.HOST, KillMode.ERROR, killed.ref()));
        // It answers a kill itself once its supervisor is gone.
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        boolean between = false;
        while (!between && System.nanoTime() < deadline) {
            guardian.tell(new SupervisorCommand.OpenRing(1, client));
            between = "disk d is being started again".equals(poll());
        }
        assertTrue(between || started.get() > 1);
        guardian.tell(new SupervisorCommand.Stop(stopped.ref()));
        stopped.expectMessage(Duration.ofSeconds(20), Done.getInstance());
        stopped.expectTerminated(guardian, Duration.ofSeconds(20));
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
}
