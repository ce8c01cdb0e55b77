package io.chainring.host;

/** On which thread a host reads and writes its store. What may wait for a disk by nature is always in the pool. */
public enum IoMode {
    /** In the host's own message handling: no hand-over, right for stores that answer from memory. */
    INLINE,
    /** In the pool: the disk's loop never waits for the store. */
    POOL,
    /** Inline while the store answers like memory does, in the pool while it does not. */
    AUTO
}
