package io.chainring.ring.frontend;

import io.chainring.ring.memory.RingMemory;
import io.chainring.ring.transport.RingTransport;
import io.chainring.ring.virtqueue.QueueLayout;

/** A ring whose memory and driver side are our own, in this process. */
public abstract class LocalRing implements RingTransport {
    private final long ringId;
    private final FrontendCore core;

    /**
     * @param ringId unique in the life of the disk
     * @param core its driver side, which made its memory
     */
    protected LocalRing(long ringId, FrontendCore core) {
        this.ringId = ringId;
        this.core = core;
    }

    /** The driver side. */
    public final FrontendCore core() {
        return core;
    }

    @Override
    public final long ringId() {
        return ringId;
    }

    @Override
    public final RingMemory map() {
        return core.memory();
    }

    @Override
    public final QueueLayout layout() {
        return core.layout();
    }

    @Override
    public final boolean eventIdx() {
        return true;
    }

    @Override
    public final boolean privateFeatures() {
        return true;
    }
}
