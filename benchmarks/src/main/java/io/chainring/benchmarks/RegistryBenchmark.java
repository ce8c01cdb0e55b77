package io.chainring.benchmarks;

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

/** Time of each request to the disk registry as it fills; started by {@code benchmarks/registry.sh}. */
@Command(
        name = "registry",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Time of each request to the disk registry as it fills.")
public final class RegistryBenchmark implements Callable<Integer> {
    private static final int PIECES = 10;

    @Spec private CommandSpec spec;

    @Option(names = "--disks", description = "Disks (default: ${DEFAULT-VALUE}).")
    private int disks = 10_000;

    @Mixin private Durability durability;

    @Option(names = "--seed", description = "Seed of UUIDs and orders (default: ${DEFAULT-VALUE}).")
    private long seed = 20180188;

    @Option(names = "--warm-disks", hidden = true)
    private int warmDisks = 10_000;

    @Mixin private RunOptions run;

    /** Called by picocli, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    RegistryBenchmark() {}

    /** Exit code 0: measured; 1: a request was refused or got no answer; 2: wrong usage. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new RegistryBenchmark()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        if (disks < PIECES || disks > 60_000 || warmDisks < PIECES) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--disks takes " + PIECES + " to 60000");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(run.headline("registry"));
        out.println("registry: " + durability.text() + "; " + disks + " disks, seed " + seed);
        out.println("registry: warming up");
        out.flush();
        RegistryRun.run(plan(warmDisks), run.make("warm"));
        List<RegistryRun.Row> rows = RegistryRun.run(plan(disks), run.make("measured"));
        tell(out, rows);
        write(rows);
        return 0;
    }

    private RegistryRun.Plan plan(int count) {
        return new RegistryRun.Plan(count, PIECES, durability.fsync(), seed);
    }

    private void tell(PrintWriter out, List<RegistryRun.Row> rows) {
        out.println();
        StringBuilder head = new StringBuilder("| median us, by tenth of the disks |");
        StringBuilder line = new StringBuilder("|---|");
        for (int piece = 1; piece <= PIECES; piece++) {
            head.append(' ').append((long) disks * piece / PIECES).append(" |");
            line.append("---|");
        }
        out.println(head + " last over first | worst p99 us | longest us |");
        out.println(line + "---|---|---|");
        for (RegistryRun.Row row : rows) {
            StringBuilder cells = new StringBuilder("| " + row.what() + " |");
            double worst = 0;
            double longest = 0;
            for (Samples piece : row.pieces()) {
                cells.append(String.format(Locale.ROOT, " %.1f |", piece.medianMillis() * 1000));
                worst = Math.max(worst, piece.p99Millis() * 1000);
                longest = Math.max(longest, piece.maxMillis() * 1000);
            }
            out.println(
                    cells
                            + String.format(
                                    Locale.ROOT,
                                    " %.2f | %.0f | %.0f |",
                                    row.growth(),
                                    worst,
                                    longest));
        }
        out.println();
        out.println("Durability: " + durability.text() + ".");
        out.flush();
    }

    private void write(List<RegistryRun.Row> rows) throws IOException {
        List<Map<String, Object>> results = new ArrayList<>();
        for (RegistryRun.Row row : rows) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("request", row.what());
            result.put("medianMillis", row.pieces().stream().map(Samples::medianMillis).toList());
            result.put("p99Millis", row.pieces().stream().map(Samples::p99Millis).toList());
            result.put("maxMillis", row.pieces().stream().map(Samples::maxMillis).toList());
            result.put("lastOverFirst", row.growth());
            results.add(result);
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("durability", durability.text());
        all.put("disks", disks);
        all.put("seed", seed);
        all.put("results", results);
        run.write("registry", all);
    }
}
