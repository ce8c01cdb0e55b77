package io.chainring.ring.record;

/** A record or message asks for a step that the table of legal transitions does not have. */
public final class IllegalTransitionException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    IllegalTransitionException(String message) {
        super(message);
    }
}
