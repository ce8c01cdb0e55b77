package io.chainring.ring.backend;

/** Journal bytes that are not what this program wrote; the message says how they differ. */
public final class CorruptRecordException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CorruptRecordException(String message) {
        super(message);
    }
}
