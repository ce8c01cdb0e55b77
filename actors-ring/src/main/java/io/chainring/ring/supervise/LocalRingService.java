package io.chainring.ring.supervise;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.CompletionSink;
import io.chainring.ring.frontend.RingPort;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
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
        OnceClosed once = new OnceClosed(sink);
        supervisor.tell(new SupervisorCommand.OpenRing(ringId, once));
        // A supervisor that has ended hears nothing; one that ends now may or may not have heard.
        String ended = setup.backend().statistics().ended.get();
        if (ended != null) {
            once.closed(ended);
        }
        return ringId;
    }

    @Override
    public void closeRing(long ringId) {
        supervisor.tell(new SupervisorCommand.CloseRing(ringId));
    }

    private static final class OnceClosed implements CompletionSink {
        private final CompletionSink sink;
        private final AtomicBoolean closed = new AtomicBoolean();

        OnceClosed(CompletionSink sink) {
            this.sink = sink;
        }

        @Override
        public void opened(RingPort port) {
            sink.opened(port);
        }

        @Override
        public void completed(List<BlockRequest> requests) {
            sink.completed(requests);
        }

        @Override
        public void closed(String reason) {
            if (!closed.getAndSet(true)) {
                sink.closed(reason);
            }
        }
    }
}
