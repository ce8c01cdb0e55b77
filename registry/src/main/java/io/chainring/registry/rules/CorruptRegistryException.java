package io.chainring.registry.rules;

/** Journal bytes, or an event, that this program did not write so; the message says what is wrong. */
public final class CorruptRegistryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CorruptRegistryException(String message) {
        super(message);
    }
}
