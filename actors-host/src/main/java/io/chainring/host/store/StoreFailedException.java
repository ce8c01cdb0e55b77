package io.chainring.host.store;

import java.io.IOException;

/** A sync failed, or the store was damaged from outside: no more changes until it is opened again (H3). */
public final class StoreFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    public StoreFailedException(String message) {
        super(message);
    }

    public StoreFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
