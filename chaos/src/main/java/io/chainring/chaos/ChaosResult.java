package io.chainring.chaos;

import io.chainring.chaos.check.Verdict;
import io.chainring.chaos.check.Violation;
import io.chainring.chaos.history.Action;
import io.chainring.chaos.plan.FaultLog;
import io.chainring.chaos.work.Tally;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What came of a run.
 *
 * @param seed that it ran with
 * @param elapsed time of the clients' work, without the check
 * @param verdict on the history
 * @param problems what was wrong beside it: what no server may say, who got no answer, errors where none may be
 * @param tally what was counted
 * @param faults what was done
 * @param history the file; null when it was not kept
 */
public record ChaosResult(
        long seed,
        Duration elapsed,
        Verdict verdict,
        List<String> problems,
        Tally tally,
        FaultLog faults,
        @Nullable Path history) {
    public ChaosResult {
        problems = List.copyOf(problems);
    }

    /** Whether every promise was kept. */
    public boolean isGood() {
        return verdict.isGood() && problems.isEmpty();
    }

    /** What a test says when it fails, and a person reads: counts, then what is wrong. */
    public String text() {
        List<String> lines = new ArrayList<>();
        lines.add(
                String.format(
                        Locale.ROOT,
                        "seed %d: %d operations in %.1f s, %d faults, longest pause %.1f ms: %s",
                        seed,
                        tally.done(),
                        elapsed.toMillis() / 1e3,
                        faults.injected(),
                        tally.pauses().longestNanos() / 1e6,
                        isGood() ? "every promise was kept" : "PROMISES WERE BROKEN"));
        List<String> counts = new ArrayList<>();
        for (Action action : Action.values()) {
            counts.add(word(action) + " " + tally.doneByAction().get(action));
        }
        lines.add("  " + String.join(", ", counts));
        faults.byPlace().forEach((label, count) -> lines.add("  " + label + ": " + count));
        faults.refusals().forEach(each -> lines.add("  not carried out: " + each));
        tally.errors().forEach((why, count) -> lines.add("  error, " + count + " times: " + why));
        tally.losses()
                .forEach(
                        (why, count) ->
                                lines.add("  connection lost, " + count + " times: " + why));
        problems.forEach(each -> lines.add("  WRONG: " + each));
        for (Violation each : verdict.violations()) {
            lines.add("  " + each.kind() + ": " + each.text());
            each.story().forEach(event -> lines.add("      " + event));
        }
        if (verdict.violationsInAll() > verdict.violations().size()) {
            lines.add("  ... " + verdict.violationsInAll() + " violations in all");
        }
        return String.join("\n", lines);
    }

    /** A kind of operation for people. */
    public static String word(Action action) {
        return action.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
