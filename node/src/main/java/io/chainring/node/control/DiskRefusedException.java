package io.chainring.node.control;

/** A node does not do what it was asked to do with a disk. The message is one line: why, and what to do. */
public final class DiskRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    public DiskRefusedException(String message) {
        super(message);
    }

    public DiskRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
