package io.chainring.gateway.nbd;

import java.io.IOException;

/** A listener cannot be opened; the message is one line that says what is wrong, where, and what to do. */
public final class NbdBindException extends IOException {
    private static final long serialVersionUID = 1L;

    NbdBindException(String message) {
        super(message);
    }

    NbdBindException(String message, Throwable cause) {
        super(message, cause);
    }
}
