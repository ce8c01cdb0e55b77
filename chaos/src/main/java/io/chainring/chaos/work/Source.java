package io.chainring.chaos.work;

import org.jspecify.annotations.Nullable;

/** Where a client gets its operations from; for one thread. */
interface Source {
    /** The next one; null when there are none any more. */
    @Nullable Planned next();

    /** An operation was answered with an error, or could not be begun. */
    default void failed(Planned planned) {}
}
