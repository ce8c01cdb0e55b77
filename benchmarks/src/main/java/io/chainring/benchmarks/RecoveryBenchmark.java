package io.chainring.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.chainring.node.StartException;
import io.chainring.ring.signal.KillMode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
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

    @Option(
            names = "--fsync",
            paramLabel = "on|off",
            description = "Journal on stable storage (default: off).")
    private String fsync = "off";

    @Option(
            names = "--seed",
            description = "Seed of kill modes, moments and offsets (default: ${DEFAULT-VALUE}).")
    private long seed = 20190129;

    @Option(names = "--warm-kills", hidden = true)
    private int warmKills = WARM_KILLS;

    @Option(names = "--dir", required = true, description = "Empty folder for journals and images.")
    private Path folder;

    @Option(names = "--json", description = "Result file.")
    private @Nullable Path json;

    @Option(names = "--commit", description = "What was built, for the result.")
    private String commit = "unknown";

    @Option(names = "--machine", description = "Where it runs, for the result.")
    private String machine = "unknown";

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
        if (!fsync.equals("on") && !fsync.equals("off")) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--fsync takes on or off, not '" + fsync + "'");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("recovery: " + machine + ", Java " + Runtime.version() + ", commit " + commit);
        out.println("recovery: " + durability() + "; depth " + depth + ", seed " + seed);
        out.flush();
        try {
            if (warmKills > 0) {
                out.println("recovery: warming up");
                out.flush();
                RecoveryRun.run(plan(WARM_PAST_CHAINS, warmKills), make("warm"));
            }
            List<RecoveryRun.Result> results = new ArrayList<>();
            for (long chains : past) {
                out.println("recovery: " + kills + " kills after " + chains + " chains");
                out.flush();
                results.add(RecoveryRun.run(plan(chains, kills), make("past-" + chains)));
            }
            tell(out, results);
            if (json != null) {
                write(json, results);
            }
            return 0;
        } catch (StartException e) {
            spec.commandLine().getErr().println("recovery: " + e.getMessage());
            return 2;
        }
    }

    private RecoveryRun.Plan plan(long pastChains, int measuredKills) {
        return new RecoveryRun.Plan(pastChains, measuredKills, depth, fsync.equals("on"), seed);
    }

    private Path make(String name) throws IOException {
        return Files.createDirectories(folder.resolve(name)).toAbsolutePath();
    }

    private String durability() {
        return "journal fsync="
                + fsync
                + (fsync.equals("on")
                        ? " (survives power loss)"
                        : " (survives kill -9, not power loss)");
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
        out.println("Durability: " + durability() + ".");
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

    private void write(Path file, List<RecoveryRun.Result> results) throws IOException {
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
        all.put("benchmark", "recovery");
        all.put("date", Instant.now().toString());
        all.put("machine", machine);
        all.put("java", Runtime.version().toString());
        all.put("commit", commit);
        all.put("durability", durability());
        all.put("depth", depth);
        all.put("seed", seed);
        all.put("results", rows);
        new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .writeValue(file.toFile(), all);
    }
}
