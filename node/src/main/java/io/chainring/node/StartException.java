package io.chainring.node;

/**
 * A node cannot start, or a command cannot be carried out, for a reason that the person in front of it can mend. The
 * message is one line: what is wrong, which file or setting, what to do. The process ends with exit code 2.
 */
public final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    public StartException(String message) {
        super(message);
    }

    public StartException(String message, Throwable cause) {
        super(message, cause);
    }

    /** For a cause whose own message is that one line. */
    public StartException(Throwable cause) {
        super(String.valueOf(cause.getMessage()), cause);
    }
}
