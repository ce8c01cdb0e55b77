package io.chainring.node.chaos;

import io.chainring.base.text.Printable;
import io.chainring.chaos.ChaosResult;
import io.chainring.chaos.Progress;
import io.chainring.chaos.check.Violation;
import io.chainring.chaos.history.Action;
import io.chainring.node.text.Table;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A run in words: while it goes on, and at its end. */
final class RunText {
    private RunText() {}

    /** One line a second. */
    static String progress(Progress now) {
        return String.format(
                Locale.ROOT,
                "%5.1f s  operations %d  faults %d  errors %d  longest pause %.1f ms",
                now.elapsed().toMillis() / 1e3,
                now.operations(),
                now.faults(),
                now.errors(),
                now.longestPauseMillis());
    }

    /** How often each point of the node's work was passed, and somebody killed there; empty where it does not count that. */
    static String points(FaultDoor.@Nullable Menu menu) {
        List<FaultDoor.Passed> passed = menu == null ? null : menu.passed();
        if (passed == null || passed.isEmpty()) {
            return "";
        }
        Table table = new Table();
        table.row("POINT", "PASSED", "KILLED");
        passed.forEach(each -> table.row(each.point(), each.passed(), each.killed()));
        return "\n" + table.text();
    }

    /** All of it, for people. @param counts of the node; null when it is not ours */
    static String table(
            ChaosResult result, NodeCounts.@Nullable Counts counts, double longestRecoveryMillis) {
        StringBuilder text = new StringBuilder("\n");
        Table table = new Table();
        table.row("OPERATION", "DONE");
        Map<Action, Long> done = result.tally().doneByAction();
        done.forEach((action, count) -> table.row(ChaosResult.word(action), count));
        table.row("all", result.tally().done());
        text.append(table.text());
        if (!result.faults().asked().isEmpty()) {
            Table faults = new Table();
            faults.row("FAULT", "TOOK PLACE");
            result.faults().byPlace().forEach(faults::row);
            faults.row("all", result.faults().injected());
            text.append('\n').append(faults.text());
        }
        text.append('\n').append(summary(result, counts, longestRecoveryMillis).text());
        for (String each : remarks(result)) {
            text.append(Printable.line(each)).append('\n');
        }
        return text.append('\n').append(verdict(result)).append('\n').toString();
    }

    private static Table summary(
            ChaosResult result, NodeCounts.@Nullable Counts counts, double longestRecoveryMillis) {
        Table table = new Table();
        table.row("SUMMARY", "");
        table.row("seed", result.seed());
        table.row("seconds", decimal(result.elapsed().toMillis() / 1e3));
        table.row("longest pause, ms", decimal(result.tally().pauses().longestNanos() / 1e6));
        table.row("connections", result.tally().connections());
        table.row("sent again", result.tally().resentCount());
        table.row("outcome unknown", result.tally().leftCount());
        if (counts != null) {
            table.row("backend restarts", counts.backendRestarts());
            table.row("host restarts", counts.hostRestarts());
            table.row("resumed", counts.resumed());
            table.row("executed again", counts.reexecuted());
            table.row("re-notified", counts.renotified());
            table.row("deferred signals", counts.deferredSignals());
            table.row("longest recovery, ms", decimal(longestRecoveryMillis));
        }
        return table;
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private static List<String> remarks(ChaosResult result) {
        List<String> all = new java.util.ArrayList<>();
        result.faults().refusals().forEach(each -> all.add("not carried out: " + each));
        result.tally()
                .errors()
                .forEach((why, count) -> all.add("error, %s times: %s".formatted(count, why)));
        result.tally()
                .losses()
                .forEach(
                        (why, count) ->
                                all.add("connection lost, %s times: %s".formatted(count, why)));
        return all;
    }

    /** What is wrong, and the verdict in one line at the end. */
    static String verdict(ChaosResult result) {
        StringBuilder text = new StringBuilder();
        for (String each : result.problems()) {
            text.append("wrong: ").append(Printable.line(each)).append('\n');
        }
        for (Violation each : result.verdict().violations()) {
            text.append(each.kind()).append(": ").append(each.text()).append('\n');
            each.story().forEach(event -> text.append("    ").append(event).append('\n'));
        }
        if (result.verdict().violationsInAll() > 0) {
            text.append(result.verdict().violationsInAll()).append(" violations in all\n");
        }
        if (result.history() != null) {
            text.append("history: ").append(Printable.whole(result.history())).append('\n');
        }
        return text.append(
                        result.isGood()
                                ? "GOOD: nothing was lost, stale, foreign, answered twice or left unanswered"
                                : "BAD: promises were broken")
                .toString();
    }
}
