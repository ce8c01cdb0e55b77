package io.chainring.ring.simulation;

import java.util.function.Supplier;

/** An invariant does not hold. */
final class Violation extends AssertionError {
    private static final long serialVersionUID = 1L;

    Violation(String invariant, String message) {
        super(invariant + ": " + message);
    }

    static void check(boolean holds, String invariant, Supplier<String> message) {
        if (!holds) {
            throw new Violation(invariant, message.get());
        }
    }
}
