package io.chainring.simulation.history;

import java.util.function.Supplier;

/** An invariant does not hold. */
public final class Violation extends AssertionError {
    private static final long serialVersionUID = 1L;

    public Violation(String invariant, String message) {
        super(invariant + ": " + message);
    }

    /** Throws one unless this holds. */
    public static void check(boolean holds, String invariant, Supplier<String> message) {
        if (!holds) {
            throw new Violation(invariant, message.get());
        }
    }
}
