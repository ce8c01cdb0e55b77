package io.chainring.host.embed;

import java.io.IOException;

/** A disk that never came to serve: its journal is missing or unusable. The cause says why. */
public final class DiskOpenException extends IOException {
    private static final long serialVersionUID = 1L;

    DiskOpenException(String message, Throwable cause) {
        super(message, cause);
    }
}
