package io.chainring.ring.supervise;

import io.chainring.ring.frontend.CompletionSink;
import io.chainring.ring.frontend.Frontend;
import io.chainring.ring.frontend.RingPort;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who waits for the supervisors of one disk: for a ring, or for the disk's stop. It outlives them: a word that reaches
 * one that is dying is lost with its mailbox, but not here, so that nobody waits for an answer that cannot come, and a
 * disk that was to stop stays so. Thread-safe.
 */
public final class RingDoor {
    private static final Logger LOG = LoggerFactory.getLogger(RingDoor.class);

    private final Set<Wish> waiting = ConcurrentHashMap.newKeySet();
    private final Set<ActorRef<Done>> stopWaiters = ConcurrentHashMap.newKeySet();
    private volatile @Nullable String closedBecause;
    private volatile boolean stops;

    /** A supervisor begins: it answers from now on. False when the disk is to stop, and it has nothing to do but that. */
    boolean open() {
        closedBecause = null;
        return !stops;
    }

    /** The supervisor has ended: whoever waits hears it, and whoever comes before the next one begins. */
    public void close(String reason) {
        closedBecause = reason;
        waiting.forEach(wish -> wish.closed(reason));
        for (ActorRef<Done> waiter : stopWaiters) {
            if (stopWaiters.remove(waiter)) {
                waiter.tell(Done.getInstance());
            }
        }
    }

    /**
     * Notes a wish.
     *
     * @param sink hears the answer
     * @param send gives the wish to the supervisor
     */
    public void ask(CompletionSink sink, Consumer<Wish> send) {
        Wish wish = new Wish(sink);
        waiting.add(wish);
        // Noted first, looked at next: a supervisor that ends meanwhile either finds it or is
        // found.
        String reason = closedBecause;
        if (reason == null) {
            send.accept(wish);
        } else {
            wish.closed(reason);
        }
    }

    /**
     * Notes that the disk is to stop, for good: a supervisor that begins later stops at once.
     *
     * @param replyTo answered when the present supervisor has ended, finished or dead; at once when none lives
     * @return what the supervisor is told
     */
    public SupervisorCommand.Stop stop(ActorRef<Done> replyTo) {
        stopWaiters.add(replyTo);
        stops = true;
        String reason = closedBecause;
        if (reason != null) {
            close(reason);
        }
        return new SupervisorCommand.Stop(replyTo);
    }

    /** One client's wish for a ring: hears at most once that it is open, and exactly once that it is over. Thread-safe. */
    public final class Wish implements Frontend.Client {
        private enum State {
            WAITING,
            OPEN,
            CLOSED
        }

        private final CompletionSink sink;
        private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

        private Wish(CompletionSink sink) {
            this.sink = sink;
        }

        /** False when somebody has answered it. */
        boolean isWaiting() {
            return state.get() == State.WAITING;
        }

        @Override
        public CompletionSink sink() {
            return sink;
        }

        @Override
        public boolean opened(RingPort port) {
            boolean first = state.compareAndSet(State.WAITING, State.OPEN);
            if (first) {
                waiting.remove(this);
                sink.opened(port);
            }
            return first;
        }

        @Override
        public void closed(String reason) {
            if (state.getAndSet(State.CLOSED) != State.CLOSED) {
                waiting.remove(this);
                try {
                    sink.closed(reason);
                } catch (RuntimeException e) {
                    // A client's code; others wait for their word behind it.
                    LOG.error("A client of a ring failed when it heard that the ring is closed", e);
                }
            }
        }
    }
}
