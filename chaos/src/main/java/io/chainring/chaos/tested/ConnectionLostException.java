package io.chainring.chaos.tested;

import java.io.IOException;

/** The connection is gone; whether the request took effect, or will, is not known. */
public final class ConnectionLostException extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean breach;

    /**
     * @param breach whether the server said what no server may say
     */
    public ConnectionLostException(String message, boolean breach) {
        super(message);
        this.breach = breach;
    }

    public ConnectionLostException(String message, Throwable cause) {
        super(message, cause);
        breach = false;
    }

    /** Whether the server said what no server may say, such as an answer that nobody waits for. */
    public boolean isBreach() {
        return breach;
    }
}
