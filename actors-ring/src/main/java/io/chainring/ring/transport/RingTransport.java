package io.chainring.ring.transport;

import io.chainring.ring.memory.RingMemory;
import io.chainring.ring.virtqueue.QueueLayout;

/**
 * How one ring reaches its backend. The front door owns the ring and outlives the backend; each backend incarnation
 * maps it again.
 */
public interface RingTransport {

    /** The ring's id, unique in the life of the disk. */
    long ringId();

    /** Maps the memory that the ring and its chains live in ("remap": US20190129873A1). */
    RingMemory map();

    /** Where in that memory the ring is. */
    QueueLayout layout();

    /** True when VIRTIO_F_EVENT_IDX suppresses kicks and notifications on this ring. */
    boolean eventIdx();

    /** True when the driver side is ours and its requests may carry our private flags and operations. */
    boolean privateFeatures();

    /** Tells the driver side that used elements were published. Must not block or throw. */
    void inform();
}
