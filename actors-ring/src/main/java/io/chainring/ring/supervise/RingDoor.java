package io.chainring.ring.supervise;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.CompletionSink;
import io.chainring.ring.frontend.RingPort;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for a ring of one disk. It outlives the disk's supervisors: a wish that reaches one that is dying is lost
 * with its mailbox, but not here, so that nobody waits for an answer that cannot come. Thread-safe.
 */
public final class RingDoor {
    private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();
    private volatile @Nullable String closedBecause;

    /** A supervisor begins: it answers from now on. */
    void open() {
        closedBecause = null;
    }

    /** The supervisor has ended: whoever waits hears it, and whoever comes before the next one begins. */
    public void close(String reason) {
        closedBecause = reason;
        waiting.forEach(sink -> sink.closed(reason));
    }

    /**
     * Notes a wish.
     *
     * @param sink hears the answer
     * @param send gives the wish to the supervisor, with the sink that hears the answer first
     */
    void ask(CompletionSink sink, Consumer<CompletionSink> send) {
        Waiting asked = new Waiting(sink);
        waiting.add(asked);
        send.accept(asked);
        // Noted first, looked at last: a supervisor that ends meanwhile either finds it or is
        // found.
        String reason = closedBecause;
        if (reason != null) {
            asked.closed(reason);
        }
    }

    private final class Waiting implements CompletionSink {
        private final CompletionSink sink;
        private final AtomicBoolean closed = new AtomicBoolean();

        Waiting(CompletionSink sink) {
            this.sink = sink;
        }

        @Override
        public void opened(RingPort port) {
            waiting.remove(this);
            sink.opened(port);
        }

        @Override
        public void completed(List<BlockRequest> requests) {
            sink.completed(requests);
        }

        @Override
        public void closed(String reason) {
            waiting.remove(this);
            if (!closed.getAndSet(true)) {
                sink.closed(reason);
            }
        }
    }
}
