package io.chainring.node.chaos;

import io.chainring.chaos.ChaosResult;
import io.chainring.chaos.check.Violation;
import io.chainring.node.http.Json;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A run as {@code chaos --json} shows it, on one line. */
final class RunJson {
    private RunJson() {}

    private record Document(
            boolean good,
            long seed,
            double seconds,
            long operations,
            Map<String, Long> operationsByKind,
            long faults,
            Map<String, Long> faultsByKind,
            List<String> notCarriedOut,
            double longestPauseMillis,
            long connections,
            long sentAgain,
            long outcomeUnknown,
            Map<String, Long> errors,
            Map<String, Long> connectionsLost,
            List<String> problems,
            long violations,
            List<Violation> violationsShown,
            @Nullable String history,
            NodeCounts.@Nullable Counts node) {}

    static String of(ChaosResult result, NodeCounts.@Nullable Counts counts) {
        Map<String, Long> byKind = new TreeMap<>();
        result.tally()
                .doneByAction()
                .forEach((action, count) -> byKind.put(ChaosResult.word(action), count));
        return Json.write(
                new Document(
                        result.isGood(),
                        result.seed(),
                        result.elapsed().toMillis() / 1e3,
                        result.tally().done(),
                        byKind,
                        result.faults().injected(),
                        result.faults().byLabel(),
                        result.faults().refusals(),
                        result.tally().pauses().longestNanos() / 1e6,
                        result.tally().connections(),
                        result.tally().resentCount(),
                        result.tally().leftCount(),
                        result.tally().errors(),
                        result.tally().losses(),
                        result.problems(),
                        result.verdict().violationsInAll(),
                        result.verdict().violations(),
                        result.history() == null ? null : result.history().toString(),
                        counts));
    }
}
