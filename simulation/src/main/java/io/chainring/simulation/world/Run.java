package io.chainring.simulation.world;

import io.chainring.simulation.plan.Coverage;
import io.chainring.simulation.plan.Plan;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What came of one plan.
 *
 * @param deaths of backends, supervisors and the process
 * @param requests that clients made
 * @param hash of all that happened: the same of the same plan, on each machine and Java
 * @param coverage who died where
 * @param failure what was broken; null when nothing was
 * @param lastLines what happened last, for people; empty when nothing was broken
 */
public record Run(
        int deaths,
        int requests,
        long hash,
        Coverage coverage,
        @Nullable Throwable failure,
        List<String> lastLines) {

    /** Lives a plan through. */
    public static Run of(Plan plan) {
        return of(plan, null);
    }

    /** Lives a plan through and tells each thing that happens. */
    public static Run of(Plan plan, @Nullable Consumer<String> listener) {
        World world = new World(plan);
        if (listener != null) {
            world.scheduler.listen(listener);
        }
        Throwable failure = null;
        try {
            world.run();
        } catch (RuntimeException | AssertionError e) {
            failure = e;
        }
        return new Run(
                world.deaths.count,
                world.clients.stream().mapToInt(Party::requests).sum(),
                world.scheduler.hash(),
                world.deaths.coverage,
                failure,
                failure == null ? List.of() : world.scheduler.traceTail());
    }

    /** Whether a run broke the same promise as another one. */
    public boolean failsLike(Run other) {
        return failure != null
                && other.failure != null
                && kind(failure).equals(kind(other.failure));
    }

    private static String kind(Throwable failure) {
        String text = String.valueOf(failure.getMessage());
        int end = text.indexOf(':');
        return failure.getClass().getName() + (end < 0 ? "" : text.substring(0, end));
    }
}
