package io.chainring.simulation.world;

import io.chainring.simulation.history.Violation;

/** The mask around the completion section, at its plainest (I7). */
final class SimGate {
    private boolean masked;
    private boolean deferred;

    void mask() {
        Violation.check(!masked, "I7", () -> "a section within a section");
        masked = true;
    }

    /** True when a deferred signal has to act now. */
    boolean unmask() {
        Violation.check(masked, "I7", () -> "a section ends that never began");
        masked = false;
        boolean acts = deferred;
        deferred = false;
        return acts;
    }

    /** True when the signal waits. */
    boolean raise() {
        deferred |= masked;
        return masked;
    }

    void reset() {
        masked = false;
        deferred = false;
    }

    boolean isMasked() {
        return masked;
    }
}
