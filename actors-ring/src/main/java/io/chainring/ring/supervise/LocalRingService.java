package io.chainring.ring.supervise;

import io.chainring.ring.frontend.CompletionSink;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * The door to a disk's {@link RingSupervisor} in the same JVM.
 *
 * <p>Ring ids start at a random number in each process, so that a ring of an earlier process, which the journal may
 * still hold, is never taken for one of this.
 */
public final class LocalRingService implements RingService {
    private static final AtomicLong NEXT_RING_ID =
            new AtomicLong(ThreadLocalRandom.current().nextLong(1L << 20, Long.MAX_VALUE / 2));

    private final SupervisorSetup setup;
    private final ActorRef<SupervisorCommand> supervisor;

    /**
     * @param setup of the disk
     * @param supervisor the disk's, made from that setup
     */
    public LocalRingService(SupervisorSetup setup, ActorRef<SupervisorCommand> supervisor) {
        this.setup = setup;
        this.supervisor = supervisor;
    }

    @Override
    public String name() {
        return setup.name();
    }

    @Override
    public long openRing(CompletionSink sink) {
        long ringId = NEXT_RING_ID.getAndIncrement();
        setup.door()
                .ask(sink, wish -> supervisor.tell(new SupervisorCommand.OpenRing(ringId, wish)));
        return ringId;
    }

    @Override
    public void closeRing(long ringId) {
        supervisor.tell(new SupervisorCommand.CloseRing(ringId));
    }
}
