package io.chainring.ring.signal;

/** The death of an actor that was asked for: by a signal, or by an injected error. */
public final class KilledException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Says who asked. */
    public KilledException(String message) {
        super(message, null, false, false);
    }
}
