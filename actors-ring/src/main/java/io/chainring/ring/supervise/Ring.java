package io.chainring.ring.supervise;

import io.chainring.ring.frontend.CompletionSink;
import io.chainring.ring.frontend.FrontendCommand;
import io.chainring.ring.frontend.FrontendCore;
import io.chainring.ring.frontend.LocalRing;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * One ring as its supervisor knows it, from open to detached. It holds the ring's memory, and so outlives frontend,
 * backend and executor.
 */
final class Ring extends LocalRing {
    private final CompletionSink sink;
    private @Nullable ActorRef<FrontendCommand> frontend;
    private boolean closing;
    private boolean attached;

    Ring(long ringId, CompletionSink sink, FrontendCore core) {
        super(ringId, core);
        this.sink = sink;
    }

    CompletionSink sink() {
        return sink;
    }

    @Nullable ActorRef<FrontendCommand> frontend() {
        return frontend;
    }

    void frontend(@Nullable ActorRef<FrontendCommand> present) {
        frontend = present;
    }

    boolean isClosing() {
        return closing;
    }

    void close() {
        closing = true;
    }

    /** True when the present backend incarnation was told of this ring. */
    boolean isAttached() {
        return attached;
    }

    void attached(boolean toPresentBackend) {
        attached = toPresentBackend;
    }

    @Override
    public void inform() {
        ActorRef<FrontendCommand> present = frontend;
        if (present != null) {
            present.tell(FrontendCommand.Inform.INSTANCE);
        }
    }
}
