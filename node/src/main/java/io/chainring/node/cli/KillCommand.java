package io.chainring.node.cli;

import io.chainring.node.StartException;
import io.chainring.node.control.ControlClient;
import io.chainring.node.control.NodeStatus;
import io.chainring.node.disk.DiskStatus;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code chainring kill}: the supervisor's door for kills, from outside. */
@Command(
        name = "kill",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Kills the backend or the host of a disk in a running node, once or again and again.",
            "Their supervisor starts the next one, which resumes what was in flight; clients notice a pause."
        },
        footer = {
            "",
            "Ways to die:",
            "  interrupt  a signal: inside a completion section it waits until the frontend is informed",
            "  error      a thrown error, at once, in whatever the backend is doing",
            "  stop       a hard stop by the supervisor, between two messages",
            "  mixed      the three in turn",
            "",
            "Examples:",
            "  chainring kill backend --disk disk0 --how error",
            "  chainring kill host --disk disk0 --how mixed --every 100ms --for 20s",
            "",
            "Exit codes: 0 done, 1 nobody was there to be killed, 2 wrong usage, no such disk or no node."
        })
public final class KillCommand implements Callable<Integer> {
    private static final List<String> WAYS = List.of("interrupt", "error", "stop");
    private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Who dies. */
    enum Target {
        backend,
        host
    }

    /** How. */
    enum How {
        interrupt,
        error,
        stop,
        mixed
    }

    @Spec private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "backend|host", description = "Who dies.")
    private Target target;

    @Option(names = "--disk", required = true, paramLabel = "NAME", description = "Of which disk.")
    private String disk;

    @Option(
            names = "--how",
            required = true,
            paramLabel = "interrupt|error|stop|mixed",
            description = "See below.")
    private How how;

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

    @Mixin private DataOption data;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    KillCommand() {}

    @Override
    public Integer call() throws StartException, InterruptedException {
        ControlClient client = data.client();
        PrintWriter out = spec.commandLine().getOut();
        if (every == null && duration == null) {
            boolean killed = client.kill(disk, target.name(), way(0));
            out.println(
                    killed
                            ? "killed the " + target + " of " + disk
                            : "the " + target + " of " + disk + " was dead already");
            out.flush();
            return killed ? 0 : 1;
        }
        if (every == null || duration == null) {
            throw new StartException("--every and --for go together");
        }
        Duration pause = TimeText.parse("--every", every, Duration.ofMillis(1));
        Duration total = TimeText.parse("--for", duration, Duration.ofMillis(1));
        return again(client, out, pause, total);
    }

    private int again(ControlClient client, PrintWriter out, Duration pause, Duration total)
            throws StartException, InterruptedException {
        DiskStatus before = find(client.status());
        CountDownLatch never = new CountDownLatch(1);
        long began = System.nanoTime();
        long nextProgress = began + PROGRESS_NANOS;
        long asked = 0;
        long killed = 0;
        while (System.nanoTime() - began < total.toNanos()) {
            if (client.kill(disk, target.name(), way(asked))) {
                killed++;
            }
            asked++;
            if (System.nanoTime() - nextProgress >= 0) {
                out.println(progress(began, asked, killed, before, find(client.status())));
                out.flush();
                nextProgress += PROGRESS_NANOS;
            }
            long next = began + asked * pause.toNanos();
            long wait = next - System.nanoTime();
            if (wait > 0 && never.await(wait, TimeUnit.NANOSECONDS)) {
                break;
            }
        }
        out.println("done: " + progress(began, asked, killed, before, find(client.status())));
        out.flush();
        return killed > 0 ? 0 : 1;
    }

    private String way(long turn) {
        return how == How.mixed ? WAYS.get((int) (turn % WAYS.size())) : how.name();
    }

    private DiskStatus find(NodeStatus node) throws StartException {
        for (DiskStatus each : node.disks()) {
            if (each.name().equals(disk)) {
                return each;
            }
        }
        throw new StartException("there is no disk " + disk);
    }

    private String progress(
            long began, long asked, long killed, DiskStatus before, DiskStatus now) {
        return String.format(
                Locale.ROOT,
                "%5.1f s  kills %d (of %d asked)  backend restarts %d  host restarts %d  resumed %d"
                        + "  renotified %d  deferred signals %d  completed %d  last recovery %.1f ms",
                (System.nanoTime() - began) / 1e9,
                killed,
                asked,
                now.restarts() - before.restarts(),
                now.hostRestarts() - before.hostRestarts(),
                now.resumed() - before.resumed(),
                now.renotified() - before.renotified(),
                now.deferredSignals() - before.deferredSignals(),
                now.completed() - before.completed(),
                now.lastRecoveryMillis());
    }
}
