package io.chainring.host.disk;

import io.chainring.host.HostListener;
import io.chainring.ring.backend.RingListener;

/** Hears of a disk's work, for metrics: called on the disk's dispatcher, often; quick, and throws nothing. */
public interface DiskListener extends RingListener, HostListener {
    /** Hears nothing. */
    DiskListener NONE = new DiskListener() {};
}
