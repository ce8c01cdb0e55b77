package io.chainring.benchmarks;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Journals side by side; started by {@code benchmarks/journal.sh}. */
@Command(
        name = "journal",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Rate of persists: our journal, Pekko's stock LevelDB journal, in-memory.")
public final class JournalBenchmark implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(names = "--rounds", description = "Rounds (default: ${DEFAULT-VALUE}).")
    private int rounds = 5;

    @Option(names = "--seconds", description = "Measured seconds of a run (${DEFAULT-VALUE}).")
    private double seconds = 2;

    @Option(names = "--warm-seconds", description = "The same, of the round that is thrown away.")
    private double warmSeconds = 2;

    @Option(names = "--entities", split = ",", description = "Numbers of persistent actors.")
    private List<Integer> entities = new ArrayList<>(List.of(1, 16, 256));

    @Option(names = "--fsync", split = ",", paramLabel = "off|on", description = "Durabilities.")
    private List<String> fsync = new ArrayList<>(List.of("off", "on"));

    @Option(names = "--check", description = "Exit code 1 when a floor is missed.")
    private boolean check;

    @Mixin private RunOptions run;

    private final List<JournalSeries> all = new ArrayList<>();
    private SyncProbe.@Nullable Result sync;

    /** Called by picocli, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    JournalBenchmark() {}

    /** Exit code 0: measured; 1: a floor was missed and --check given; 2: wrong usage. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new JournalBenchmark()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        if (rounds < 1
                || seconds <= 0
                || entities.stream().anyMatch(n -> n < 1 || n > 10_000)
                || !List.of("on", "off").containsAll(fsync)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "rounds from 1 on, seconds above 0, entities from 1 to 10000, --fsync off,on");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(run.headline("journal"));
        if (warmSeconds > 0) {
            say("warming up");
            for (String mode : fsync) {
                for (JournalContestant contestant : JournalContestant.all(mode.equals("on"))) {
                    run(contestant, 16, warmSeconds);
                }
            }
        }
        sync = SyncProbe.measure(run.folder());
        say(sync.text());
        for (int count : entities) {
            for (String mode : fsync) {
                compare(JournalContestant.all(mode.equals("on")), count);
            }
        }
        tell(out);
        write();
        List<String> missed = JournalFloors.missed(all);
        missed.forEach(line -> out.println("MISSED: " + line));
        out.flush();
        return check && !missed.isEmpty() ? 1 : 0;
    }

    /**
     * Contestants take turns within a round, so that a disturbance hurts all of them, and in the opposite order in every
     * second round: a disk may be slower, or limited, after much has been synced.
     */
    private void compare(List<JournalContestant> contestants, int count) throws Exception {
        List<JournalSeries> series = new ArrayList<>();
        contestants.forEach(contestant -> series.add(new JournalSeries(contestant, count)));
        for (int round = 1; round <= rounds; round++) {
            List<JournalSeries> order = new ArrayList<>(series);
            if (round % 2 == 0) {
                Collections.reverse(order);
            }
            for (JournalSeries one : order) {
                JournalRun.Result result = run(one.contestant(), count, seconds);
                one.add(result);
                say(
                        String.format(
                                Locale.ROOT,
                                "round %d, %d entities, %s: %.0f persists/s%s",
                                round,
                                count,
                                one.contestant().name(),
                                result.persistsPerSecond(),
                                result.eventsPerWrite() == 0
                                        ? ""
                                        : String.format(
                                                Locale.ROOT,
                                                ", %.1f events and %.0f us a write",
                                                result.eventsPerWrite(),
                                                result.writeMicros())));
            }
        }
        all.addAll(series);
    }

    private JournalRun.Result run(JournalContestant contestant, int count, double duration)
            throws Exception {
        return JournalRun.run(contestant, run.folder().resolve("run"), count, duration);
    }

    private void say(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("journal: " + line);
        out.flush();
    }

    private void tell(PrintWriter out) {
        out.println();
        out.println(
                "| entities | journal | persists/s | us each | to stock | to stock by round | events a write | us a write |");
        out.println("|---|---|---|---|---|---|---|---|");
        for (JournalSeries series : all) {
            JournalSeries stock = series.stockAmong(all);
            List<Double> ratios = stock == null ? List.of() : series.ratiosTo(stock);
            out.printf(
                    Locale.ROOT,
                    "| %d | %s | %.0f | %.1f | %s | %s | %s | %s |%n",
                    series.entities(),
                    series.contestant().name(),
                    series.medianRate(),
                    series.microsEach(),
                    stock == null || stock == series ? "" : number(series.ratioTo(stock)),
                    stock == null || stock == series
                            ? ""
                            : number(Collections.min(ratios))
                                    + " to "
                                    + number(Collections.max(ratios)),
                    unlessZero(series.medianEventsPerWrite()),
                    unlessZero(series.medianWriteMicros()));
        }
        out.println();
        out.println(
                "Medians of "
                        + rounds
                        + " rounds of "
                        + seconds
                        + " s; events of "
                        + JournalRun.EVENT_BYTES
                        + " bytes, one persist of each entity outstanding.");
        out.println(
                "fsync on: acknowledged events survive power loss; off: kill -9, not power loss; in-memory: nothing.");
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    private static String unlessZero(double value) {
        return value == 0 ? "" : String.format(Locale.ROOT, "%.1f", value);
    }

    private void write() throws IOException {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (JournalSeries series : all) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("entities", series.entities());
            row.put("journal", series.contestant().name());
            row.put("fsync", series.contestant().fsync());
            row.put("persistsPerSecond", series.medianRate());
            row.put("microsEach", series.microsEach());
            row.put("eventsPerWrite", series.medianEventsPerWrite());
            row.put("writeMicros", series.medianWriteMicros());
            row.put("persistsPerSecondByRound", series.rates());
            JournalSeries stock = series.stockAmong(all);
            if (stock != null) {
                row.put("ratioToStock", series.ratioTo(stock));
            }
            rows.add(row);
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("rounds", rounds);
        result.put("seconds", seconds);
        result.put("eventBytes", JournalRun.EVENT_BYTES);
        result.put("sync", sync);
        result.put("results", rows);
        result.put("missed", JournalFloors.missed(all));
        run.write("journal", result);
    }
}
