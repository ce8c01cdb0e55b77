package io.chainring.simulation.plan;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** How often who died at which point, and what the world was in the middle of. */
public final class Coverage {
    private static final String ANYWHERE = "-";

    /** By who died and where, "-" for between two messages: how often in the middle of what. */
    private final Map<String, Map<Moment, Integer>> counts = new TreeMap<>();

    /** Somebody dies. */
    public void count(Fault fault, Set<Moment> moments) {
        String point = fault.point() == null ? ANYWHERE : fault.point().name();
        Map<Moment, Integer> row =
                counts.computeIfAbsent(
                        row(fault.kind(), point), name -> new EnumMap<>(Moment.class));
        moments.forEach(each -> row.merge(each, 1, Integer::sum));
    }

    private static String row(FaultKind kind, String point) {
        return kind + " " + point;
    }

    /** Adds what another run covered. */
    public void add(Coverage other) {
        other.counts.forEach(
                (row, moments) -> {
                    Map<Moment, Integer> mine =
                            counts.computeIfAbsent(row, name -> new EnumMap<>(Moment.class));
                    moments.forEach((each, count) -> mine.merge(each, count, Integer::sum));
                });
    }

    /** Who never died at a point or moment at which he can. */
    public List<String> holes() {
        List<String> holes = new ArrayList<>();
        for (FaultKind kind : FaultKind.values()) {
            if (!kind.kills()) {
                continue;
            }
            for (Moment moment : Moment.values()) {
                if (!Impossible.at(kind, moment) && total(kind, moment) == 0) {
                    holes.add(kind + " while " + moment);
                }
            }
            for (Point point : Point.values()) {
                if (!counts.containsKey(row(kind, point.name()))) {
                    holes.add(kind + " at " + point);
                }
            }
        }
        return holes;
    }

    /** Who cannot die when. */
    private static final class Impossible {
        static boolean at(FaultKind kind, Moment moment) {
            boolean children =
                    kind == FaultKind.BACKEND_SIGNAL
                            || kind == FaultKind.BACKEND_STOP
                            || kind == FaultKind.HOST_STOP
                            || kind == FaultKind.FRONTEND_STOP;
            // A stop of the disk is carried through whatever dies but the supervisor.
            boolean stops = moment == Moment.STOPPING && !children;
            boolean absent = kind == FaultKind.HOST_STOP && moment == Moment.HOST_AWAY;
            return stops || absent;
        }
    }

    private int total(FaultKind kind, Moment moment) {
        return counts.entrySet().stream()
                .filter(each -> each.getKey().startsWith(kind + " "))
                .mapToInt(each -> each.getValue().getOrDefault(moment, 0))
                .sum();
    }

    /** A table: who and where down, in the middle of what across. */
    public String table() {
        StringBuilder text = new StringBuilder("%-34s".formatted("who died, and where"));
        Set<Moment> moments = EnumSet.allOf(Moment.class);
        moments.forEach(
                each -> text.append("%14s".formatted(each.name().toLowerCase(Locale.ROOT))));
        text.append('\n');
        counts.forEach(
                (row, counted) -> {
                    text.append("%-34s".formatted(row.toLowerCase(Locale.ROOT)));
                    moments.forEach(
                            each -> text.append("%14d".formatted(counted.getOrDefault(each, 0))));
                    text.append('\n');
                });
        return text.toString();
    }
}
