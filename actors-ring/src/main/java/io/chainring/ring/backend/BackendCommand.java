package io.chainring.ring.backend;

import io.chainring.ring.execute.BackendMessage;
import io.chainring.ring.execute.ExecutorCommand;
import io.chainring.ring.signal.Signal;
import io.chainring.ring.transport.Outstanding;
import io.chainring.ring.transport.RingTransport;
import io.chainring.ring.turn.BackendCore;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;

/** What a backend is told by its rings and its supervisor. */
public sealed interface BackendCommand extends BackendMessage {

    /** Chains may be available in some ring; one kick is enough however many were published since. */
    enum Kick implements BackendCommand {
        INSTANCE
    }

    /** Which rings will attach before this epoch resumes anything. */
    record ExpectRings(long epoch, List<Long> ringIds) implements BackendCommand {}

    /** A ring introduces itself; see {@link BackendCore#attach}. */
    record Attach(RingTransport transport, Outstanding outstanding, boolean closing)
            implements BackendCommand {}

    /** The ring's client is gone; see {@link BackendCore#detach}. */
    record Detach(long ringId) implements BackendCommand {}

    /** Another incarnation of the executor stands ready. */
    record ExecutorChanged(ActorRef<ExecutorCommand> executor) implements BackendCommand {}

    /** A signal that nothing masked: it acts when this is handled. */
    record Signalled(Signal signal) implements BackendCommand {}

    /** The backend's own: begin, or go on. */
    enum Self implements BackendCommand {
        START,
        CONTINUE
    }

    /** Makes an armed {@link KillSwitch} act on an idle backend. */
    enum Wake implements BackendCommand {
        INSTANCE
    }
}
