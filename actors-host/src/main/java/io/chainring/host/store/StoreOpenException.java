package io.chainring.host.store;

import java.io.IOException;

/** A store cannot be opened. The message is one line: which file, what is wrong, what to do. */
public final class StoreOpenException extends IOException {
    private static final long serialVersionUID = 1L;

    public StoreOpenException(String message) {
        super(message);
    }

    public StoreOpenException(String message, Throwable cause) {
        super(message, cause);
    }
}
