package io.chainring.chaos.check;

import java.util.List;

/**
 * What came of a check.
 *
 * @param operations that were called
 * @param cells that were touched
 * @param violations the first of them, in the order in which they show
 * @param violationsInAll how many there are
 */
public record Verdict(
        long operations, long cells, List<Violation> violations, long violationsInAll) {
    public Verdict {
        violations = List.copyOf(violations);
    }

    /** Whether nothing is wrong. */
    public boolean isGood() {
        return violationsInAll == 0;
    }
}
