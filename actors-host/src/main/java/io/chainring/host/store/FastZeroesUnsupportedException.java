package io.chainring.host.store;

import java.io.IOException;

/** Zeros would have to be written one by one, and the caller asked for fast ones only. Nothing changed. */
public final class FastZeroesUnsupportedException extends IOException {
    private static final long serialVersionUID = 1L;

    public FastZeroesUnsupportedException(String message) {
        super(message);
    }

    public FastZeroesUnsupportedException(String message, Throwable cause) {
        super(message, cause);
    }
}
