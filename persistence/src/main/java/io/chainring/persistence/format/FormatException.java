package io.chainring.persistence.format;

/** A stored record is damaged, or of a format that this version does not know. */
public final class FormatException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With what is wrong, and with which record. */
    public FormatException(String message) {
        super(message);
    }
}
