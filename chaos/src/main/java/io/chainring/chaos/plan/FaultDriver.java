package io.chainring.chaos.plan;

import java.io.IOException;

/** Carries faults out. */
@FunctionalInterface
public interface FaultDriver {
    /**
     * What became of a fault.
     *
     * @param injected false when there was nobody to strike
     * @param what for people, one line
     */
    record Outcome(boolean injected, String what) {}

    /**
     * Carries one out, and returns when it has begun or is over.
     *
     * @throws IOException it cannot be; the message says why
     */
    Outcome carryOut(Fault fault) throws IOException, InterruptedException;
}
