package io.chainring.benchmarks;

import io.chainring.node.StartException;
import io.chainring.ring.signal.KillMode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Time from a kill of the backend to the first resumed completion; started by {@code benchmarks/recovery.sh}. */
@Command(
        name = "recovery",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Time from a kill of the backend to the first completion of a chain that its successor resumed.")
public final class RecoveryBenchmark implements Callable<Integer> {
    private static final long WARM_PAST_CHAINS = 20_000;
    private static final int WARM_KILLS = 100;

    @Spec private CommandSpec spec;

    @Option(
            names = "--kills",
            description = "Measured kills after each past (default: ${DEFAULT-VALUE}).")
    private int kills = 1000;

    @Option(
            names = "--past",
            split = ",",
            paramLabel = "CHAINS",
            description =
                    "Chains completed before the first kill, a fresh disk for each (default: 1000,1000000).")
    private List<Long> past = new ArrayList<>(List.of(1000L, 1_000_000L));

    @Option(names = "--depth", description = "Requests in flight (default: ${DEFAULT-VALUE}).")
    private int depth = 16;

    @Mixin private Durability durability;

    @Option(
            names = "--seed",
            description = "Seed of kill modes, moments and offsets (default: ${DEFAULT-VALUE}).")
    private long seed = 20190129;

    @Option(names = "--warm-kills", hidden = true)
    private int warmKills = WARM_KILLS;

    @Mixin private RunOptions run;

    /** Called by picocli, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    RecoveryBenchmark() {}

    /** Exit code 0: measured; 1: a request failed or the ring was lost; 2: wrong usage or no start. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new RecoveryBenchmark()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        if (kills < 1 || depth < 1 || depth > 128 || past.stream().anyMatch(chains -> chains < 0)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "kills and depth from 1 on (depth to 128), past from 0 on");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(run.headline("recovery"));
        out.println("recovery: " + durability.text() + "; depth " + depth + ", seed " + seed);
        out.flush();
        try {
            if (warmKills > 0) {
                out.println("recovery: warming up");
                out.flush();
                RecoveryRun.run(plan(WARM_PAST_CHAINS, warmKills), run.make("warm"));
            }
            List<RecoveryRun.Result> results = new ArrayList<>();
            for (long chains : past) {
                out.println("recovery: " + kills + " kills after " + chains + " chains");
                out.flush();
                results.add(RecoveryRun.run(plan(chains, kills), run.make("past-" + chains)));
            }
            tell(out, results);
            write(results);
            return 0;
        } catch (StartException e) {
            spec.commandLine().getErr().println("recovery: " + e.getMessage());
            return 2;
        }
    }

    private RecoveryRun.Plan plan(long pastChains, int measuredKills) {
        return new RecoveryRun.Plan(pastChains, measuredKills, depth, durability.fsync(), seed);
    }

    private void tell(PrintWriter out, List<RecoveryRun.Result> results) {
        out.println();
        out.println(
                "| past chains | kills | median ms | p99 ms | max ms | median ms by interrupt, error, stop"
                        + " | serving again, median ms | resumed | executed again |");
        out.println("|---|---|---|---|---|---|---|---|---|");
        for (RecoveryRun.Result result : results) {
            Samples samples = result.samples();
            out.printf(
                    Locale.ROOT,
                    "| %d | %d | %.2f | %.2f | %.2f | %s | %.2f | %d | %d |%n",
                    result.plan().pastChains(),
                    samples.count(),
                    samples.medianMillis(),
                    samples.p99Millis(),
                    samples.maxMillis(),
                    byMode(result),
                    result.serving().medianMillis(),
                    result.resumedChains(),
                    result.reexecutedChains());
        }
        out.println();
        for (RecoveryRun.Result result : results) {
            out.println(
                    "After "
                            + result.plan().pastChains()
                            + ": "
                            + result.pastChainsAtEnd()
                            + " chains at the end, "
                            + result.voidKills()
                            + " kills found no chain begun and were repeated.");
        }
        out.println("Durability: " + durability.text() + ".");
        out.flush();
    }

    private static String byMode(RecoveryRun.Result result) {
        List<String> medians = new ArrayList<>();
        for (KillMode mode : KillMode.values()) {
            Samples samples = result.byMode().get(mode);
            medians.add(
                    samples == null
                            ? "-"
                            : String.format(Locale.ROOT, "%.2f", samples.medianMillis()));
        }
        return String.join(", ", medians);
    }

    private void write(List<RecoveryRun.Result> results) throws IOException {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (RecoveryRun.Result result : results) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("pastChains", result.plan().pastChains());
            row.put("pastChainsAtEnd", result.pastChainsAtEnd());
            row.put("kills", result.samples().count());
            row.put("medianMillis", result.samples().medianMillis());
            row.put("p99Millis", result.samples().p99Millis());
            row.put("maxMillis", result.samples().maxMillis());
            row.put("servingMedianMillis", result.serving().medianMillis());
            row.put("resumedChains", result.resumedChains());
            row.put("reexecutedChains", result.reexecutedChains());
            row.put("voidKills", result.voidKills());
            rows.add(row);
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("durability", durability.text());
        all.put("depth", depth);
        all.put("seed", seed);
        all.put("results", rows);
        run.write("recovery", all);
    }
}
