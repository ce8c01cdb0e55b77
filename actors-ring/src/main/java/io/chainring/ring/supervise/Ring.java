package io.chainring.ring.supervise;

import io.chainring.ring.frontend.CompletionSink;
import io.chainring.ring.frontend.FrontendCommand;
import io.chainring.ring.frontend.FrontendCore;
import io.chainring.ring.memory.RingMemory;
import io.chainring.ring.transport.RingTransport;
import io.chainring.ring.virtqueue.QueueLayout;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * One ring as its supervisor knows it, from open to detached. It holds the ring's memory, and so outlives frontend,
 * backend and executor.
 */
final class Ring implements RingTransport {
    private final long ringId;
    private final CompletionSink sink;
    private final FrontendCore core;
    private @Nullable ActorRef<FrontendCommand> frontend;
    private boolean closing;
    private boolean attached;

    Ring(long ringId, CompletionSink sink, FrontendCore core) {
        this.ringId = ringId;
        this.sink = sink;
        this.core = core;
    }

    @Override
    public long ringId() {
        return ringId;
    }

    CompletionSink sink() {
        return sink;
    }

    FrontendCore core() {
        return core;
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
    public RingMemory map() {
        return core.memory();
    }

    @Override
    public QueueLayout layout() {
        return core.layout();
    }

    @Override
    public boolean eventIdx() {
        return true;
    }

    @Override
    public boolean privateFeatures() {
        return true;
    }

    @Override
    public void inform() {
        ActorRef<FrontendCommand> present = frontend;
        if (present != null) {
            present.tell(FrontendCommand.Inform.INSTANCE);
        }
    }
}
