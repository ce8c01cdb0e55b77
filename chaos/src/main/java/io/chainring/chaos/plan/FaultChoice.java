package io.chainring.chaos.plan;

import java.util.List;

/**
 * A fault and how it may vary.
 *
 * @param name of the fault
 * @param how its ways; empty when there is one
 * @param points where it can strike; empty when that cannot be chosen
 * @param shortestMillis least that it lasts
 * @param longestMillis most that it lasts
 * @param everyRounds in which rounds of a schedule it comes: 1 in each, 2 in every other, from the first on
 */
public record FaultChoice(
        String name,
        List<String> how,
        List<String> points,
        long shortestMillis,
        long longestMillis,
        int everyRounds) {
    public FaultChoice {
        how = List.copyOf(how);
        points = List.copyOf(points);
        if (shortestMillis < 0 || longestMillis < shortestMillis || everyRounds < 1) {
            throw new IllegalArgumentException(
                    "%s lasts %s to %s ms".formatted(name, shortestMillis, longestMillis));
        }
    }

    /** One that comes in each round. */
    public FaultChoice(
            String name,
            List<String> how,
            List<String> points,
            long shortestMillis,
            long longestMillis) {
        this(name, how, points, shortestMillis, longestMillis, 1);
    }

    /** How many of it there are when each of its points has had its turn; see {@link Schedule}. */
    public int wholeRound() {
        return Math.max(1, 2 * points.size());
    }

    /** A fault without variants. */
    public static FaultChoice of(String name) {
        return new FaultChoice(name, List.of(), List.of(), 1, 200);
    }
}
