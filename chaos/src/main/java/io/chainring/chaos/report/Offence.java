package io.chainring.chaos.report;

import io.chainring.chaos.ChaosResult;
import io.chainring.chaos.check.Violation;
import io.chainring.chaos.history.HistoryEvent;
import io.chainring.chaos.history.HistoryEvent.Call;
import io.chainring.chaos.history.HistoryEvent.Done;
import io.chainring.chaos.history.HistoryEvent.Unknown;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The operations on a cell that led to a violation: the last ones before it, each with the time that it took. */
final class Offence {
    private static final int OPERATIONS_MOST = 60;
    private static final int LANE_HEIGHT = 16;

    private record Shown(Call call, @Nullable Long endNanos, String end) {}

    private Offence() {}

    /** A picture of them; empty where no cell is to blame. */
    static String picture(Violation violation, Iterable<HistoryEvent> history) {
        if (violation.cell() < 0) {
            return "";
        }
        List<Shown> shown = last(violation, history);
        if (shown.isEmpty()) {
            return "";
        }
        long from = shown.get(0).call.atNanos();
        long to = from + 1;
        for (Shown each : shown) {
            to = Math.max(to, each.endNanos == null ? each.call.atNanos() : each.endNanos);
        }
        Svg svg = new Svg(shown.size() * LANE_HEIGHT, 0, to - from);
        for (int lane = 0; lane < shown.size(); lane++) {
            Shown each = shown.get(lane);
            double middle = 1 - (lane + 0.5) / shown.size();
            long end = each.endNanos == null ? to : each.endNanos;
            svg.label(middle, "client " + each.call.client());
            boolean blamed = each.call.operation() == violation.operation();
            svg.box(
                    each.call.atNanos() - from,
                    end - from,
                    middle - 0.4 / shown.size(),
                    middle + 0.4 / shown.size(),
                    blamed ? "fault" : ChaosResult.word(each.call.action()),
                    words(each));
            double x = svg.x(end - from);
            boolean left = x > Svg.WIDTH * 0.6;
            svg.add(
                    "<text x='%.1f' y='%.1f' text-anchor='%s'>%s</text>",
                    left ? svg.x(each.call.atNanos() - from) - 4 : x + 4,
                    svg.y(middle) + 4,
                    left ? "end" : "start",
                    Svg.escaped(words(each)));
        }
        return svg.end();
    }

    private static String words(Shown shown) {
        Call call = shown.call;
        return "%s %s, cells %s+%s%s: %s"
                .formatted(
                        call.operation(),
                        ChaosResult.word(call.action()),
                        call.firstCell(),
                        call.cells(),
                        call.value() == HistoryEvent.ZEROES ? "" : ", value " + call.value(),
                        shown.end);
    }

    private static List<Shown> last(Violation violation, Iterable<HistoryEvent> history) {
        ArrayDeque<Call> calls = new ArrayDeque<>();
        Map<Long, Shown> ends = new HashMap<>();
        Map<Long, Call> open = new HashMap<>();
        boolean over = false;
        for (HistoryEvent event : history) {
            if (event instanceof Call call && touches(call, violation) && !over) {
                calls.add(call);
                open.put(call.operation(), call);
                if (calls.size() > OPERATIONS_MOST) {
                    Call first = calls.remove();
                    open.remove(first.operation());
                    ends.remove(first.operation());
                }
            } else if (event instanceof Done done && open.containsKey(done.operation())) {
                Call call = open.get(done.operation());
                ends.put(
                        call.operation(),
                        new Shown(call, done.atNanos(), found(call, done, violation)));
                over |= done.operation() == violation.operation();
            } else if (event instanceof Unknown unknown && open.containsKey(unknown.operation())) {
                Call call = open.get(unknown.operation());
                ends.put(call.operation(), new Shown(call, unknown.atNanos(), "outcome unknown"));
            }
        }
        List<Shown> all = new ArrayList<>();
        for (Call call : calls) {
            all.add(ends.getOrDefault(call.operation(), new Shown(call, null, "no answer")));
        }
        return all;
    }

    private static boolean touches(Call call, Violation violation) {
        return call.disk() == violation.disk()
                && call.firstCell() <= violation.cell()
                && violation.cell() < call.firstCell() + call.cells();
    }

    private static String found(Call call, Done done, Violation violation) {
        long[] values = done.values();
        return values == null
                ? "done"
                : "found " + values[(int) (violation.cell() - call.firstCell())];
    }
}
