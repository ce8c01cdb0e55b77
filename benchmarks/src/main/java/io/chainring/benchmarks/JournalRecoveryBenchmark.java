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

/** Recovery behind a snapshot after a short and a long past; started by {@code benchmarks/journal-recovery.sh}. */
@Command(
        name = "journal-recovery",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Recovery of a persistent actor with events behind a snapshot.")
public final class JournalRecoveryBenchmark implements Callable<Integer> {
    private static final int WARM_RECOVERIES = 200;

    @Spec private CommandSpec spec;

    @Option(names = "--past", split = ",", description = "Events behind the snapshot.")
    private List<Integer> past = new ArrayList<>(List.of(1000, 1_000_000));

    @Option(names = "--recoveries", description = "Measured for each past (${DEFAULT-VALUE}).")
    private int recoveries = 500;

    @Option(names = "--reopenings", description = "Of each database (${DEFAULT-VALUE}).")
    private int reopenings = 10;

    @Mixin private Durability durability;

    @Mixin private RunOptions run;

    /** Called by picocli, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    JournalRecoveryBenchmark() {}

    /**
     * What came out for one past.
     *
     * @param events behind the snapshot
     * @param first first recovery after the database was opened, which the opening is part of
     * @param open recoveries while it is open
     */
    private record Result(int events, Samples first, Samples open) {}

    /** Exit code 0: measured; 2: wrong usage. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new JournalRecoveryBenchmark()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        if (recoveries < reopenings
                || reopenings < 1
                || past.stream().anyMatch(n -> n < 1 || n % JournalRecovery.GROUP != 0)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "pasts in thousands, at least one recovery a reopening");
        }
        say(run.headline("journal-recovery"));
        for (int events : past) {
            say("journal-recovery: writing " + events + " events");
            try (JournalRecovery actor = open(events)) {
                actor.prepare(events);
                warm(actor, events);
            }
        }
        long[][] first = new long[past.size()][reopenings];
        long[][] open = new long[past.size()][recoveries / reopenings * reopenings];
        for (int reopening = 0; reopening < reopenings; reopening++) {
            for (int i = 0; i < past.size(); i++) {
                measure(past.get(i), reopening, first[i], open[i]);
            }
        }
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < past.size(); i++) {
            results.add(new Result(past.get(i), new Samples(first[i]), new Samples(open[i])));
        }
        tell(results);
        write(results);
        return 0;
    }

    private void warm(JournalRecovery actor, int events) throws Exception {
        for (int i = 0; i < WARM_RECOVERIES; i++) {
            actor.recoverNanos(events);
        }
    }

    /** Opens the database once; the pasts take turns. */
    private void measure(int events, int reopening, long[] first, long[] open) throws Exception {
        int each = open.length / reopenings;
        try (JournalRecovery actor = open(events)) {
            first[reopening] = actor.recoverNanos(events);
            for (int i = 0; i < each; i++) {
                open[reopening * each + i] = actor.recoverNanos(events);
            }
        }
    }

    private JournalRecovery open(int events) {
        return JournalRecovery.open(run.folder().resolve("past-" + events), durability.fsync());
    }

    private void say(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }

    private void tell(List<Result> results) {
        say("");
        say(
                "| events behind the snapshot | recoveries | median ms | p99 ms | with the opening, median ms | max ms |");
        say("|---|---|---|---|---|---|");
        for (Result result : results) {
            say(
                    String.format(
                            Locale.ROOT,
                            "| %d | %d | %.2f | %.2f | %.1f | %.1f |",
                            result.events(),
                            result.open().count(),
                            result.open().medianMillis(),
                            result.open().p99Millis(),
                            result.first().medianMillis(),
                            result.first().maxMillis()));
        }
        say("");
        say(
                "Each recovery: a snapshot and "
                        + JournalRecovery.AFTER_SNAPSHOT
                        + " events after it; "
                        + durability.text()
                        + "; each database opened "
                        + reopenings
                        + " times.");
    }

    private void write(List<Result> results) throws IOException {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (Result result : results) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("events", result.events());
            row.put("recoveries", result.open().count());
            row.put("medianMillis", result.open().medianMillis());
            row.put("p99Millis", result.open().p99Millis());
            row.put("withOpeningMedianMillis", result.first().medianMillis());
            row.put("withOpeningMaxMillis", result.first().maxMillis());
            rows.add(row);
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("durability", durability.text());
        all.put("eventsAfterSnapshot", JournalRecovery.AFTER_SNAPSHOT);
        all.put("results", rows);
        run.write("journal-recovery", all);
    }
}
