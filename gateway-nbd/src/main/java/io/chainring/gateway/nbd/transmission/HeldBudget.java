package io.chainring.gateway.nbd.transmission;

import java.util.concurrent.atomic.AtomicLong;

/** What all connections of a server together may hold of bytes that cannot be looked at yet. Thread-safe. */
public final class HeldBudget {
    private final long limitBytes;
    private final AtomicLong used = new AtomicLong();

    public HeldBudget(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** True while more may be held. */
    boolean hasRoom() {
        return used.get() < limitBytes;
    }

    /** Memory was taken, or with a negative number given back. */
    void add(long memoryBytes) {
        used.addAndGet(memoryBytes);
    }

    /** Memory that is taken at present, in bytes. */
    public long usedBytes() {
        return used.get();
    }
}
