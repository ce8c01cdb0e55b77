package io.chainring.simulation.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * All that a run is made of: one seed makes one plan, and one plan one run. A failure is made smaller by leaving out faults
 * and requests, which changes nothing of what is drawn for the others.
 *
 * @param seed what everything is drawn from
 * @param settings what kind of run it is
 * @param steps steps with requests and faults
 * @param faults in the order of their steps
 * @param leftOut requests that are not made, see {@link #request}
 */
public record Plan(long seed, Settings settings, int steps, List<Fault> faults, Set<Long> leftOut) {
    /** Steps of a stop of the disk during which its children may die. */
    public static final int STOP_STEPS = 100;

    private static final List<FaultKind> DEADLY =
            Arrays.stream(FaultKind.values()).filter(FaultKind::kills).toList();

    private static final int REQUESTS_MOST = 1 << 20;

    public Plan {
        faults = List.copyOf(faults);
        leftOut = new TreeSet<>(leftOut);
    }

    /** The plan of a seed. */
    public static Plan of(long seed) {
        Draws draws = new Draws(Draws.mix(seed));
        Settings settings = Settings.random(draws);
        List<Fault> faults = new ArrayList<>();
        int last = settings.steps() + (settings.stops() ? STOP_STEPS : 0);
        for (int step = 0; step < last; step++) {
            if (draws.nextInt(1000) < settings.faultPermille()) {
                faults.add(fault(draws, step, settings, step >= settings.steps()));
            }
        }
        if (settings.faultPermille() > 0) {
            faults.add(inItsTurn(seed, draws.nextInt(settings.steps() / 2)));
            faults.sort(Comparator.comparingInt(Fault::step));
        }
        return new Plan(seed, settings, settings.steps(), faults, Set.of());
    }

    /** Settings without faults. */
    public static Plan quiet(long seed, Settings settings) {
        return new Plan(seed, settings, settings.steps(), List.of(), Set.of());
    }

    /** Of seeds that follow each other each has another death at another point, so that a few hundred have them all. */
    private static Fault inItsTurn(long seed, int step) {
        Point[] points = Point.values();
        int turn = (int) Math.floorMod(seed, DEADLY.size() * (long) points.length);
        return new Fault(
                step, DEADLY.get(turn % DEADLY.size()), points[turn / DEADLY.size()], turn);
    }

    private static Fault fault(Draws draws, int step, Settings settings, boolean stopping) {
        FaultKind kind = kind(draws, settings, stopping);
        Point[] points = Point.values();
        boolean atPoint = kind.kills() && draws.nextInt(100) < settings.pointPercent();
        Point point = points[draws.nextInt(points.length)];
        return new Fault(step, kind, atPoint ? point : null, draws.nextInt(1 << 16));
    }

    private static FaultKind kind(Draws draws, Settings settings, boolean stopping) {
        int pick = draws.nextInt(stopping ? 84 : 100);
        if (pick < 30) {
            return FaultKind.BACKEND_STOP;
        }
        if (pick < 50) {
            return FaultKind.BACKEND_SIGNAL;
        }
        if (pick < 66) {
            return FaultKind.HOST_STOP;
        }
        if (pick < 72) {
            return FaultKind.FRONTEND_STOP;
        }
        if (pick < 84) {
            return switch (pick % 6) {
                case 0 -> FaultKind.JOURNAL_FAILS;
                case 1 -> FaultKind.JOURNAL_REJECTS;
                case 2 -> FaultKind.JOURNAL_FULL;
                case 3, 4 -> FaultKind.JOURNAL_SLOW;
                default -> FaultKind.STORE_SLOW;
            };
        }
        if (pick < 92) {
            return FaultKind.SUPERVISOR_STOP;
        }
        return settings.powerLoss() && pick % 2 == 0
                ? FaultKind.POWER_LOSS
                : FaultKind.PROCESS_KILL;
    }

    /** Draws for one purpose, apart from those for others. */
    public Draws drawsFor(int purpose) {
        return new Draws(Draws.mix(seed + 0x5DEE_CE66DL * (purpose + 1)));
    }

    /** The number by which a request is left out. */
    public static long request(int client, int number) {
        return (long) client * REQUESTS_MOST + number;
    }

    /** What a client asks for in its nth request is drawn from these. */
    public Draws drawsFor(int client, int number) {
        return new Draws(Draws.mix(seed ^ Draws.mix(request(client, number) + 1)));
    }

    /** The same with other faults. */
    public Plan withFaults(List<Fault> others) {
        return new Plan(
                seed,
                settings,
                steps,
                others.stream().sorted(Comparator.comparingInt(Fault::step)).toList(),
                leftOut);
    }

    /** The same with these requests left out. */
    public Plan without(Set<Long> requests) {
        return new Plan(seed, settings, steps, faults, requests);
    }

    /** The same with an earlier end. */
    public Plan endingAt(int earlier) {
        return new Plan(seed, settings, earlier, faults, leftOut);
    }
}
