package io.chainring.node.cli;

import io.chainring.base.settings.Settings;
import io.chainring.node.StartException;
import io.chainring.node.control.ControlClient;
import io.chainring.node.http.Json;
import io.chainring.node.text.TimeText;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code chainring kill}: the supervisor's door for kills, from outside. */
@Command(
        name = "kill",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Kills the backend, the host, a frontend or the supervisor of a disk in a running node, once or again and again.",
            "The next backend or host resumes what was in flight; clients notice a pause. With a frontend its client is",
            "disconnected, the one that has been there longest; with the supervisor all clients of the disk are."
        },
        footer = {
            "",
            "Ways to die:",
            "  interrupt  a signal: inside a completion section it waits until the frontend is informed",
            "  error      a thrown error, at once, in whatever the backend is doing",
            "  stop       a hard stop by the supervisor, between two messages",
            "  terminate  a signal as well; of several that wait, this one wins",
            "  mixed      all of them in turn",
            "",
            "Examples:",
            "  chainring kill backend --disk disk0 --how error",
            "  chainring kill host --disk disk0 --how mixed --every 100ms --for 20s",
            "",
            "Exit codes: 0 done, 1 nobody was there to be killed, 2 wrong usage, no such disk or no node."
        })
public final class KillCommand implements Callable<Integer> {
    private static final String MIXED = "mixed";

    /** Who can die. */
    static final class Targets implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Settings.labels(SupervisorCommand.Target.class).iterator();
        }
    }

    /** What can be asked for with {@code --how}. */
    static final class Ways implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Stream.concat(Settings.labels(KillMode.class).stream(), Stream.of(MIXED))
                    .iterator();
        }
    }

    /** One kill as {@code --json} shows it. */
    private record Outcome(boolean killed) {}

    @Spec private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "WHO",
            completionCandidates = Targets.class,
            description = "Who dies: ${COMPLETION-CANDIDATES}.")
    private String who;

    @Option(names = "--disk", required = true, paramLabel = "NAME", description = "Of which disk.")
    private String disk;

    @Option(
            names = "--how",
            required = true,
            paramLabel = "WAY",
            completionCandidates = Ways.class,
            description = "${COMPLETION-CANDIDATES}: see below.")
    private String how;

    @Option(
            names = "--every",
            paramLabel = "TIME",
            description = "Again after each such time (100ms, 1s), until --for is over.")
    private @Nullable String every;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            description = "How long to go on (20s, 5m; at most 24h).")
    private @Nullable String duration;

    @Option(
            names = "--json",
            description =
                    "{\"killed\":true}; with --every a line each second and one at the end, with counts and recoveries.")
    private boolean json;

    @Mixin private DataOption data;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    KillCommand() {}

    @Override
    public Integer call() throws StartException, InterruptedException {
        SupervisorCommand.Target target =
                choice("WHO", who, SupervisorCommand.Target.class, new Targets());
        List<KillMode> ways =
                how.equalsIgnoreCase(MIXED)
                        ? List.of(KillMode.values())
                        : List.of(choice("--how", how, KillMode.class, new Ways()));
        ControlClient client = data.client();
        if (every == null && duration == null) {
            boolean killed = client.kill(disk, target, ways.get(0));
            String victim = "the " + Settings.label(target) + " of " + disk;
            show(
                    json
                            ? Json.write(new Outcome(killed))
                            : killed ? "killed " + victim : victim + " was dead already");
            return killed ? 0 : 1;
        }
        if (every == null || duration == null) {
            throw new StartException("--every and --for go together");
        }
        Duration pause = TimeText.parse("--every", every, Duration.ofMillis(1));
        Duration total = TimeText.parse("--for", duration, Duration.ofMillis(1));
        KillSummary done =
                new KillSeries(
                                client,
                                disk,
                                turn ->
                                        client.kill(
                                                disk, target, ways.get((int) (turn % ways.size()))))
                        .run(pause, total, each -> show(json ? Json.write(each) : each.text()));
        show(json ? Json.write(done) : "done: " + done.text());
        return done.kills() > 0 ? 0 : 1;
    }

    private void show(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }

    private <E extends Enum<E>> E choice(
            String name, String text, Class<E> choices, Iterable<String> shown) {
        try {
            return Settings.choiceOf(text, choices);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(
                    spec.commandLine(),
                    name + " '" + text + "': one of " + String.join(", ", shown),
                    e);
        }
    }
}
