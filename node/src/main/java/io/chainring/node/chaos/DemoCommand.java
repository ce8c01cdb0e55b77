package io.chainring.node.chaos;

import io.chainring.chaos.Chaos;
import io.chainring.chaos.ChaosResult;
import io.chainring.chaos.process.ProcessFaults;
import io.chainring.chaos.work.AfterLoss;
import io.chainring.node.StartException;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code chainring demo}: what Chainring is for, shown in less than a minute. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Shows in less than a minute what Chainring is for.",
            "Starts a disk of its own in a temporary folder, kills what serves it, and takes everything away again."
        },
        footer = {
            "",
            "Examples:",
            "  chainring demo",
            "  chainring demo --seed 7",
            "",
            "Exit codes: 0 every promise was kept, 1 one was not, 2 it could not run."
        })
public final class DemoCommand implements Callable<Integer> {
    private static final Duration WORK = Duration.ofSeconds(15);
    private static final Duration EVERY = Duration.ofMillis(1000);

    @Spec private CommandSpec spec;

    @Option(names = "--seed", paramLabel = "N", description = "Of all that is random.")
    private long seed = 1;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    DemoCommand() {}

    @Override
    public Integer call() throws StartException, IOException, InterruptedException {
        show(
                "A disk is only as good as the program behind it: when that dies, reads and writes that");
        show("were under way get lost, happen twice, or hang. Here they do not. See for yourself:");
        show("");
        show("1. A node starts, with one empty disk, in a temporary folder ...");
        try (OwnNode node = OwnNode.start(1, java.util.List.of())) {
            show("   It runs as process " + node.process().pid() + ".");
            show("");
            show(
                    "2. Four clients write and read it over NBD, 32 requests at any moment. Each write");
            show("   leaves a mark of its own, so each read can tell whose data it found.");
            show("");
            show("3. Meanwhile everything that serves the disk gets killed, again and again:");
            Narrator narrator = new Narrator(node, this::show);
            Chaos chaos =
                    Chaos.on(node.doors())
                            .seed(seed)
                            .zeroed()
                            .clients(4, 8)
                            .duration(WORK)
                            .faultEvery(EVERY)
                            .afterLoss(AfterLoss.RESEND)
                            .fault(Narrator.BACKEND, narrator)
                            .fault(Narrator.HOST, narrator)
                            .fault(ProcessFaults.KILL, narrator);
            Ending.install(chaos);
            ChaosResult result = chaos.run();
            show("");
            show("4. The verdict, from the notes of what every client asked and heard:");
            show(summary(result));
            result.faults().refusals().forEach(each -> show("   Not carried out: " + each));
            show(RunText.verdict(result).indent(3).stripTrailing());
            show("");
            show(
                    "Yours to try next: ./chainring chaos --help, or ./chainring serve for a disk to keep.");
            return result.isGood() ? 0 : 1;
        }
    }

    private static String summary(ChaosResult result) {
        return String.format(
                Locale.ROOT,
                "   %d operations, %d kills. The longest that anybody had to wait: %.0f ms.%n"
                        + "   Errors: %d. Every order of events was tried that could explain what was read.",
                result.tally().done(),
                result.faults().injected(),
                result.tally().pauses().longestNanos() / 1e6,
                result.tally().errors().values().stream().mapToLong(Long::longValue).sum());
    }

    private void show(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
