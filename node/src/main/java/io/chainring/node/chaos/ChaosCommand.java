package io.chainring.node.chaos;

import io.chainring.base.settings.Settings;
import io.chainring.chaos.Chaos;
import io.chainring.chaos.ChaosResult;
import io.chainring.chaos.history.HistoryFile;
import io.chainring.chaos.history.JepsenEdn;
import io.chainring.chaos.nbd.NbdAddress;
import io.chainring.chaos.nbd.NbdDoor;
import io.chainring.chaos.report.HtmlReport;
import io.chainring.chaos.tested.BlockTarget;
import io.chainring.chaos.tested.TargetFeatures;
import io.chainring.chaos.work.AfterLoss;
import io.chainring.node.StartException;
import io.chainring.node.text.TimeText;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code chainring chaos}: faults, a workload, and a verdict on what its clients heard. */
@Command(
        name = "chaos",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Lets clients work on disks while faults happen, and says whether every promise was kept.",
            "Without --against it starts a node of its own in a temporary folder, and ends it."
        },
        footer = {
            "",
            "Faults, each by name, or 'none', or 'all' (without store-sync-fail, which ends its disk):",
            "  in the node   backend-kill host-kill frontend-kill registry-kill supervisor-kill",
            "                journal-slow journal-fail journal-reject journal-torn journal-full",
            "                store-slow store-eio store-enospc store-torn store-short store-sync-fail",
            "  its process   process-stop process-kill",
            "  its clients   connection-cut half-open slow-reader",
            "",
            "The same seed, with the same options, is the same schedule of faults and the same operations of each client.",
            "Ctrl-C ends it; what was found so far is judged.",
            "",
            "Examples:",
            "  chainring chaos --duration 60s",
            "  chainring chaos --seed 7 --faults backend-kill,host-kill,connection-cut --operations 100000 --report run.html",
            "  chainring chaos --against nbd://127.0.0.1:10809/scratch --overwrite --duration 30s",
            "",
            "Exit codes: 0 every promise was kept, 1 one was not, 2 wrong usage or it could not run."
        })
public final class ChaosCommand implements Callable<Integer> {
    private static final int CELL_BYTES = 512;
    private static final int CELLS = 8192;
    private static final long HANDSHAKE_LIMIT_MILLIS = 10_000;

    @Spec private CommandSpec spec;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Of all that is random (default: a new one).")
    private @Nullable Long seed;

    @Option(
            names = "--duration",
            paramLabel = "TIME",
            description = "Ends after that time (default: 60s, with --operations 24h).")
    private @Nullable String duration;

    @Option(
            names = "--operations",
            paramLabel = "N",
            description = "Ends when so many are done and each fault has taken place.")
    private @Nullable Long operations;

    @Option(
            names = "--faults",
            paramLabel = "NAME,...",
            description = "Which (default: backend-kill,host-kill; with --against: none).")
    private @Nullable String faults;

    @Option(
            names = "--every",
            paramLabel = "TIME",
            defaultValue = "100ms",
            description = "Mean time between two faults (default: ${DEFAULT-VALUE}).")
    private String every = "100ms";

    @Option(
            names = "--clients",
            paramLabel = "N",
            defaultValue = "8",
            description = "Clients in all (default: ${DEFAULT-VALUE}).")
    private int clients;

    @Option(
            names = "--outstanding",
            paramLabel = "N",
            defaultValue = "16",
            description = "Requests of each under way at once (default: ${DEFAULT-VALUE}).")
    private int outstanding;

    @Option(
            names = "--disks",
            paramLabel = "N",
            defaultValue = "2",
            description = "Disks of the node (default: ${DEFAULT-VALUE}).")
    private int disks;

    @Option(
            names = "--after-loss",
            paramLabel = "resend|leave",
            description =
                    "What clients do with requests whose connection was lost: send them again as kernels do (default with"
                            + " a node of its own), or leave them as of unknown outcome.")
    private @Nullable String afterLoss;

    @Option(
            names = "--answer-limit",
            paramLabel = "TIME",
            defaultValue = "30s",
            description =
                    "A request without an answer for so long is a hang (default: ${DEFAULT-VALUE}).")
    private String answerLimit = "30s";

    @Option(
            names = "--against",
            paramLabel = "URI",
            description =
                    "Another server's disk: nbd://HOST:PORT/NAME or nbd+unix:///NAME?socket=PATH. Its first 4 MiB are"
                            + " overwritten; needs --overwrite.")
    private @Nullable String against;

    @Option(names = "--overwrite", description = "Yes, what that disk holds may be overwritten.")
    private boolean overwrite;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Writes a page with pictures (HTML).")
    private @Nullable Path report;

    @Option(
            names = "--history",
            paramLabel = "DIR",
            description = "Keeps what clients asked and heard there (history.jsonl).")
    private @Nullable Path history;

    @Option(
            names = "--edn",
            description =
                    "With --history: the same for checkers of others, as Jepsen has it (history.edn).")
    private boolean edn;

    @Option(names = "--json", description = "At the end one line of JSON, and nothing before.")
    private boolean json;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    ChaosCommand() {}

    @Override
    public Integer call() throws StartException, IOException, InterruptedException {
        String wanted =
                faults == null ? (against == null ? "backend-kill,host-kill" : "none") : faults;
        Set<String> names = FaultMenu.parse(wanted);
        return against == null ? againstOwnNode(names) : againstOther(against, names);
    }

    private int againstOwnNode(Set<String> names)
            throws StartException, IOException, InterruptedException {
        if (disks < 1 || disks > 64) {
            throw new StartException("--disks " + disks + ": allowed are 1 to 64");
        }
        try (OwnNode node = OwnNode.start(disks, List.of());
                NodeCounts counts = new NodeCounts(node.data()).start()) {
            Chaos chaos = set(Chaos.on(node.doors()), CELLS, AfterLoss.RESEND).zeroed();
            FaultDoor.Menu offered = FaultDoor.menu(node.data());
            new FaultMenu(offered).addTo(chaos, names, node, offered != null);
            if (FaultMenu.causeErrors(names)) {
                chaos.errorsAllowed();
            }
            ChaosResult result = run(chaos);
            counts.close();
            if (!json && offered != null) {
                show(RunText.points(FaultDoor.menu(node.data())));
            }
            return end(result, counts.counts(), counts.longestRecoveryMillis());
        }
    }

    private int againstOther(String uri, Set<String> names)
            throws StartException, IOException, InterruptedException {
        if (!overwrite) {
            throw new StartException(
                    "--against overwrites the first 4 MiB of that disk; say so with --overwrite");
        }
        NbdDoor door;
        try {
            door = new NbdDoor(NbdAddress.parse(uri), HANDSHAKE_LIMIT_MILLIS);
        } catch (IllegalArgumentException e) {
            throw new StartException("--against " + e.getMessage(), e);
        }
        TargetFeatures features = features(door);
        long cells = Math.min(CELLS, features.sizeBytes() / CELL_BYTES);
        if (cells == 0) {
            throw new StartException(
                    "that disk has " + features.sizeBytes() + " bytes; 512 are needed");
        }
        Chaos chaos = set(Chaos.on(door), (int) cells, AfterLoss.LEAVE).errorsAllowed();
        for (String each : names) {
            try {
                chaos.clientFault(each);
            } catch (IllegalArgumentException e) {
                throw new StartException(
                        "--faults '%s': of another server's there are only %s"
                                .formatted(each, String.join(", ", Chaos.clientFaultNames())),
                        e);
            }
        }
        return end(run(chaos), null, 0);
    }

    private static TargetFeatures features(NbdDoor door) throws StartException {
        try (BlockTarget target = door.connect()) {
            return target.features();
        } catch (IOException e) {
            throw new StartException("no disk at " + door.name() + ": " + e.getMessage(), e);
        }
    }

    private Chaos set(Chaos chaos, int cells, AfterLoss usual) throws StartException, IOException {
        String time = duration == null ? (operations == null ? "60s" : "24h") : duration;
        Duration shortest = Duration.ofMillis(1);
        if (seed != null) {
            chaos.seed(seed);
        }
        if (operations != null) {
            chaos.operations(operations);
        }
        if (history != null) {
            Files.createDirectories(history);
            chaos.history(history.resolve("history.jsonl"));
        }
        if (clients < 1 || clients > 256 || outstanding < 1 || outstanding > 1024) {
            throw new StartException("--clients 1 to 256, --outstanding 1 to 1024");
        }
        return chaos.clients(clients, outstanding)
                .area(cells, CELL_BYTES)
                .duration(TimeText.parse("--duration", time, shortest))
                .answerLimit(TimeText.parse("--answer-limit", answerLimit, shortest))
                .faultEvery(TimeText.parse("--every", every, shortest))
                .afterLoss(afterLoss == null ? usual : afterLoss(afterLoss));
    }

    private static AfterLoss afterLoss(String text) throws StartException {
        try {
            return Settings.choiceOf(text, AfterLoss.class);
        } catch (IllegalArgumentException e) {
            throw new StartException("--after-loss is not " + e.getMessage(), e);
        }
    }

    private ChaosResult run(Chaos chaos) throws IOException, InterruptedException {
        Ending.install(chaos);
        if (!json) {
            show("seed " + chaos.seed());
            chaos.progress(each -> show(RunText.progress(each)));
        }
        return chaos.run();
    }

    private int end(
            ChaosResult result, NodeCounts.@Nullable Counts counts, double longestRecoveryMillis)
            throws IOException {
        if (report != null) {
            HtmlReport.write(result, facts(counts), report);
        }
        if (edn && history != null && result.history() != null) {
            try (Writer out = Files.newBufferedWriter(history.resolve("history.edn"))) {
                JepsenEdn.write(new HistoryFile(result.history()), out);
            }
        }
        show(
                json
                        ? RunJson.of(result, counts)
                        : RunText.table(result, counts, longestRecoveryMillis).stripTrailing());
        return result.isGood() ? 0 : 1;
    }

    private static List<String> facts(NodeCounts.@Nullable Counts counts) {
        List<String> facts = new ArrayList<>();
        if (counts != null) {
            facts.add("backend restarts: " + counts.backendRestarts());
            facts.add("host restarts: " + counts.hostRestarts());
            facts.add("chains resumed: " + counts.resumed());
            facts.add("completions notified again: " + counts.renotified());
            facts.add("signals that waited: " + counts.deferredSignals());
        }
        return facts;
    }

    private void show(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
