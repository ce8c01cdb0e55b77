package io.chainring.host;

import java.util.Locale;

/** On which thread a host reads and writes its store. What may wait for a disk by nature is always in the pool. */
public enum IoMode {
    /** In the host's own message handling: no hand-over, right for stores that answer from memory. */
    INLINE,
    /** In the pool: the disk's loop never waits for the store. */
    POOL,
    /** Inline while the store answers like memory does, in the pool while it does not. */
    AUTO;

    static IoMode of(String setting) {
        for (IoMode mode : values()) {
            if (mode.name().toLowerCase(Locale.ROOT).equals(setting)) {
                return mode;
            }
        }
        throw new IllegalArgumentException(
                "chainring.host.io = " + setting + ": allowed are inline, pool and auto");
    }
}
