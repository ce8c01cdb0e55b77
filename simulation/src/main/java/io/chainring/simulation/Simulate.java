package io.chainring.simulation;

import io.chainring.simulation.plan.Coverage;
import io.chainring.simulation.plan.Plan;
import io.chainring.simulation.world.Run;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The command line. Exit code 0: all promises kept; 1: one was broken; 2: it was asked for something else. */
@Command(
        name = "checks/simulate.sh",
        sortOptions = false,
        description =
                "Lives disks through, with the real decisions of everybody in them, one for each seed.")
public final class Simulate implements Callable<Integer> {
    private static final double NANOS_A_MINUTE = 6e10;
    private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(10);

    @Option(names = "--seeds", paramLabel = "A..B", description = "seeds from A to B (1..1000)")
    private String seeds = "1..1000";

    @Option(names = "--seed", paramLabel = "N", description = "this seed alone")
    private @Nullable Long seed;

    @Option(names = "--trace", description = "with --seed: prints all that happens")
    private boolean trace;

    @Option(names = "--coverage", description = "prints who died where, and what never happened")
    private boolean coverage;

    @Option(names = "--brief", description = "one line: the first seed that fails, or none")
    private boolean brief;

    @Option(names = "--help", usageHelp = true, description = "prints this")
    private boolean help;

    private final PrintStream out = System.out;
    private final long startedNanos = System.nanoTime();
    private final Coverage covered = new Coverage();
    private long saidNanos = startedNanos;
    private long runs;
    private long deaths;
    private long requests;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Simulate()).execute(arguments));
    }

    @Override
    public Integer call() {
        long first = seed == null ? bound(0) : seed;
        long last = seed == null ? bound(1) : seed;
        for (long each = first; each <= last; each++) {
            Plan plan = Plan.of(each);
            Run run = seed != null && trace ? Run.of(plan, out::println) : Run.of(plan);
            if (run.failure() != null) {
                tell(plan, run);
                return 1;
            }
            count(each, run);
        }
        out.println(brief ? "none" : summary());
        if (seed != null) {
            out.println("hash " + Long.toHexString(Run.of(Plan.of(seed)).hash()));
        }
        if (coverage) {
            out.print(covered.table());
            covered.holes().forEach(each -> out.println("never: " + each));
        }
        return 0;
    }

    private long bound(int index) {
        String[] bounds = seeds.split("\\.\\.", -1);
        try {
            return Long.parseLong(bounds[bounds.length == 1 ? 0 : index]);
        } catch (NumberFormatException e) {
            throw new TypeConversionException("--seeds is A..B, not " + seeds);
        }
    }

    private void count(long lastSeed, Run run) {
        runs++;
        deaths += run.deaths();
        requests += run.requests();
        covered.add(run.coverage());
        long now = System.nanoTime();
        if (!brief && now - saidNanos > PROGRESS_NANOS) {
            saidNanos = now;
            out.println("seed " + lastSeed + ": " + summary());
        }
    }

    private String summary() {
        return "%d runs, %d requests, %d deaths of backend, supervisor or process, no promise broken; %.0f runs a minute%s"
                .formatted(
                        runs,
                        requests,
                        deaths,
                        runs * NANOS_A_MINUTE / (System.nanoTime() - startedNanos),
                        onOneCore());
    }

    /** What it would be with a core for itself: the time of processors that this JVM has had, compiling included. */
    private String onOneCore() {
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        return system instanceof com.sun.management.OperatingSystemMXBean known
                ? ", %.0f a minute of processor time"
                        .formatted(runs * NANOS_A_MINUTE / known.getProcessCpuTime())
                : "";
    }

    private void tell(Plan plan, Run run) {
        if (brief) {
            out.println(plan.seed() + " " + run.failure());
            return;
        }
        out.println(Failure.of(plan, run).words());
        Plan small = Shrinker.shrink(plan, run);
        out.println("the smallest that fails so has " + Failure.of(small, Run.of(small)).steps());
    }
}
