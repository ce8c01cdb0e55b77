package io.chainring.simulation;

import io.chainring.simulation.plan.Fault;
import io.chainring.simulation.plan.Plan;
import io.chainring.simulation.world.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Makes a failing plan small: an earlier end, fewer faults, fewer requests, as long as the same promise is broken. Leaves
 * out large parts first, then smaller ones (A. Zeller, R. Hildebrandt, <i>Simplifying and isolating failure-inducing
 * input</i>, 2002).
 */
final class Shrinker {
    private static final int RUNS_MOST = 600;

    private final Predicate<Plan> fails;
    private Plan smallest;
    private int runs;

    private Shrinker(Plan plan, Predicate<Plan> fails) {
        this.smallest = plan;
        this.fails = fails;
    }

    /** A plan that breaks the same promise as this one did, and no larger. */
    static Plan shrink(Plan plan, Run failed) {
        return shrink(plan, candidate -> Run.of(candidate).failsLike(failed));
    }

    static Plan shrink(Plan plan, Predicate<Plan> fails) {
        Shrinker shrinker = new Shrinker(plan, fails);
        int size;
        do {
            size = shrinker.size();
            shrinker.endEarlier();
            shrinker.leaveOut(
                    new ArrayList<>(shrinker.smallest.faults()), shrinker.smallest::withFaults);
            shrinker.leaveOutRequests();
        } while (shrinker.size() < size && shrinker.runs < RUNS_MOST);
        return shrinker.smallest;
    }

    private int size() {
        return smallest.steps() + smallest.faults().size() - smallest.leftOut().size();
    }

    private boolean take(Plan candidate) {
        if (runs++ >= RUNS_MOST || !fails.test(candidate)) {
            return false;
        }
        smallest = candidate;
        return true;
    }

    private void endEarlier() {
        for (int part = smallest.steps() / 2; part > 0; part /= 2) {
            while (part < smallest.steps() && take(smallest.endingAt(smallest.steps() - part))) {
                // Once more by as much.
            }
        }
        int end = smallest.steps();
        int stop = smallest.settings().steps();
        List<Fault> left =
                smallest.faults().stream()
                        .filter(each -> each.step() < end || each.step() >= stop)
                        .toList();
        take(smallest.withFaults(left));
    }

    private void leaveOutRequests() {
        List<Long> made = new ArrayList<>();
        int clients = smallest.settings().clients();
        int most = Run.of(smallest).requests();
        for (int client = 0; client < clients; client++) {
            for (int number = 0; number < most; number++) {
                long request = Plan.request(client, number);
                if (!smallest.leftOut().contains(request)) {
                    made.add(request);
                }
            }
        }
        Set<Long> all = new TreeSet<>(made);
        all.addAll(smallest.leftOut());
        leaveOut(
                made,
                kept -> {
                    Set<Long> without = new TreeSet<>(all);
                    kept.forEach(without::remove);
                    return smallest.without(without);
                });
    }

    private <T> void leaveOut(List<T> parts, Function<List<T>, Plan> plan) {
        List<T> kept = parts;
        for (int length = kept.size(); length > 0; length /= 2) {
            for (int from = 0; from < kept.size(); ) {
                List<T> fewer = new ArrayList<>(kept);
                fewer.subList(from, Math.min(from + length, fewer.size())).clear();
                if (take(plan.apply(fewer))) {
                    kept = fewer;
                } else {
                    from += length;
                }
            }
        }
    }
}
