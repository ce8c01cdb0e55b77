package io.chainring.chaos.report;

import io.chainring.chaos.ChaosResult;
import io.chainring.chaos.history.Action;
import io.chainring.chaos.plan.FaultLog;
import io.chainring.chaos.work.Pauses.Pause;
import io.chainring.chaos.work.Timeline.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.ToLongFunction;

/** The pictures of a whole run: what was done when, what happened to it, how long it took. */
final class Pictures {
    private static final int BUSY_HEIGHT = 140;
    private static final int LATENCY_HEIGHT = 220;
    private static final int LANE_HEIGHT = 18;
    private static final double LOWEST_NANOS = 1e4;
    private static final int PAUSES_DRAWN = 1000;

    private final ChaosResult result;
    private final List<Column> columns;
    private final double toNanos;
    private final long beganNanos;

    Pictures(ChaosResult result) {
        this.result = result;
        columns = result.tally().timeline().columns();
        beganNanos = result.tally().beganNanos();
        double last = columns.isEmpty() ? 1 : columns.get(columns.size() - 1).toNanos();
        for (FaultLog.Entry each : result.faults().entries()) {
            last = Math.max(last, each.toNanos() - beganNanos);
        }
        toNanos = last;
    }

    /** Operations a second, stacked by kind. */
    String operations() {
        Svg svg = new Svg(BUSY_HEIGHT, 0, toNanos);
        double most = 1;
        for (Column each : columns) {
            most = Math.max(most, rate(each, sum(each)));
        }
        for (Column column : columns) {
            int below = 0;
            for (Action action : Action.values()) {
                int count = column.operations().get(action.ordinal());
                if (count > 0) {
                    svg.box(
                            column.fromNanos(),
                            column.toNanos(),
                            rate(column, below) / most,
                            rate(column, below + count) / most,
                            ChaosResult.word(action),
                            count + " " + ChaosResult.word(action));
                }
                below += count;
            }
        }
        svg.label(1, String.format(Locale.ROOT, "%.0f/s", most));
        svg.label(0, "0");
        return svg.end();
    }

    private static int sum(Column column) {
        return column.operations().stream().mapToInt(Integer::intValue).sum();
    }

    private static double rate(Column column, int count) {
        return count * 1e9 / (column.toNanos() - column.fromNanos());
    }

    /** A lane for each kind of fault, and one for each disk's pauses. */
    String faults() {
        List<String> lanes = new ArrayList<>(new TreeSet<>(result.faults().byName().keySet()));
        int faultLanes = lanes.size();
        List<Pause> pauses = result.tally().pauses().all();
        new TreeSet<>(pauses.stream().map(Pause::disk).toList())
                .forEach(disk -> lanes.add("pauses of " + disk));
        if (lanes.isEmpty()) {
            return "<p>No fault took place, and no disk paused for 50 ms.</p>\n";
        }
        Svg svg = new Svg(lanes.size() * LANE_HEIGHT, 0, toNanos);
        for (int lane = 0; lane < lanes.size(); lane++) {
            svg.label(1 - (lane + 0.5) / lanes.size(), lanes.get(lane));
        }
        for (FaultLog.Entry each : result.faults().entries()) {
            int lane = lanes.indexOf(each.fault().name());
            double from = each.fromNanos() - beganNanos;
            double to = each.toNanos() - beganNanos;
            box(
                    svg,
                    lanes.size(),
                    lane,
                    from,
                    to,
                    "fault",
                    each.fault().label() + ": " + each.what());
        }
        for (Pause each : pauses.subList(0, Math.min(PAUSES_DRAWN, pauses.size()))) {
            int lane = lanes.subList(faultLanes, lanes.size()).indexOf("pauses of " + each.disk());
            String words = String.format(Locale.ROOT, "%.1f ms", each.nanos() / 1e6);
            double to = each.fromNanos() + each.nanos();
            box(svg, lanes.size(), faultLanes + lane, each.fromNanos(), to, "pause", words);
        }
        return svg.end();
    }

    private static void box(
            Svg svg, int lanes, int lane, double from, double to, String style, String words) {
        svg.box(from, to, 1 - (lane + 0.85) / lanes, 1 - (lane + 0.15) / lanes, style, words);
    }

    /** Median, 99th of 100 and longest of each column; a scale of powers of ten. */
    String latencies() {
        Svg svg = new Svg(LATENCY_HEIGHT, 0, toNanos);
        double most = LOWEST_NANOS * 10;
        for (Column each : columns) {
            most = Math.max(most, each.longestNanos());
        }
        double decades = Math.ceil(Math.log10(most / LOWEST_NANOS));
        for (int i = 0; i <= decades; i++) {
            double nanos = LOWEST_NANOS * Math.pow(10, i);
            svg.label(i / decades, String.format(Locale.ROOT, "%s ms", trimmed(nanos / 1e6)));
            svg.add(
                    "<line class='grid' x1='%d' x2='%d' y1='%.1f' y2='%.1f'/>",
                    Svg.LEFT, Svg.WIDTH - Svg.RIGHT, svg.y(i / decades), svg.y(i / decades));
        }
        curve(svg, decades, "longest", Column::longestNanos);
        curve(svg, decades, "high", Column::highNanos);
        curve(svg, decades, "median", Column::medianNanos);
        return svg.end();
    }

    private static String trimmed(double millis) {
        return millis < 1
                ? String.format(Locale.ROOT, "%.2f", millis)
                : String.format(Locale.ROOT, "%.0f", millis);
    }

    private void curve(Svg svg, double decades, String style, ToLongFunction<Column> value) {
        StringBuilder points = new StringBuilder();
        for (Column each : columns) {
            long nanos = value.applyAsLong(each);
            if (nanos > 0) {
                double middle = (each.fromNanos() + each.toNanos()) / 2.0;
                double share = Math.log10(Math.max(1, nanos / LOWEST_NANOS)) / decades;
                points.append(
                        String.format(Locale.ROOT, "%.1f,%.1f ", svg.x(middle), svg.y(share)));
            }
        }
        svg.add("<polyline class='%s' points='%s'/>", style, points);
    }
}
