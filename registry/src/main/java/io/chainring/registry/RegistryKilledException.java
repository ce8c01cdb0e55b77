package io.chainring.registry;

/** The death of a registry that was asked for. */
public final class RegistryKilledException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Says what for. */
    public RegistryKilledException(String message) {
        super(message, null, false, false);
    }
}
