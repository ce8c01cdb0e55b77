package io.chainring.ring.record;

/** Journal bytes that are not what this program wrote; the message says how they differ. */
public final class CorruptRecordException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Says how the bytes differ. */
    public CorruptRecordException(String message) {
        super(message);
    }
}
