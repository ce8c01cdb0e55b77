package io.chainring.host.store;

import java.io.IOException;

/** A change of a store that was opened read-only. */
public final class StoreReadOnlyException extends IOException {
    private static final long serialVersionUID = 1L;

    public StoreReadOnlyException(String message) {
        super(message);
    }

    public StoreReadOnlyException(String message, Throwable cause) {
        super(message, cause);
    }
}
