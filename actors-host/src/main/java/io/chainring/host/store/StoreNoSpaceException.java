package io.chainring.host.store;

import java.io.IOException;

/** There is no space left behind the store. */
public final class StoreNoSpaceException extends IOException {
    private static final long serialVersionUID = 1L;

    public StoreNoSpaceException(String message) {
        super(message);
    }

    public StoreNoSpaceException(String message, Throwable cause) {
        super(message, cause);
    }
}
