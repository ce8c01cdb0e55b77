package io.chainring.node.disk;

import io.chainring.host.HostListener;
import io.chainring.ring.backend.RingListener;

/** What is heard of a disk's work, for metrics: called on the disk's loop, often; quick, and throws nothing. */
public interface DiskEvents extends RingListener, HostListener {
    /** Hears nothing. */
    DiskEvents NONE = new DiskEvents() {};
}
