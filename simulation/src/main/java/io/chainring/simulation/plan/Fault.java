package io.chainring.simulation.plan;

import org.jspecify.annotations.Nullable;

/**
 * One thing that goes wrong.
 *
 * @param step of the run, from which on
 * @param point null: at that step; else when that point is next passed
 * @param pick decides what is left to be decided: which frontend, for how long
 */
public record Fault(int step, FaultKind kind, @Nullable Point point, int pick) {
    @Override
    public String toString() {
        return "step "
                + step
                + ": "
                + kind.words()
                + (point == null ? "" : " when it next comes to " + point);
    }
}
