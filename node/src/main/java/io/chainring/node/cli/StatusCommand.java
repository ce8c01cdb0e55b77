package io.chainring.node.cli;

import io.chainring.base.text.Printable;
import io.chainring.node.StartException;
import io.chainring.node.control.ControlClient;
import io.chainring.node.control.NodeStatus;
import io.chainring.node.disk.DiskStatus;
import io.chainring.node.text.Table;
import io.chainring.node.text.Terminal;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code chainring status}. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Shows how a running node and its disks are.",
        footer = {
            "",
            "in flight: chains begun and not completed. restarts: of the backend and of the host. resumed: chains that a"
                    + " restarted backend carried on with. deferred: signals that waited for the end of a completion section.",
            "",
            "Examples:",
            "  chainring status",
            "  chainring status --watch --data /var/lib/chainring",
            "  chainring status --json | jq '.disks[].restarts'",
            "",
            "Exit codes: 0 done, 2 wrong usage or no node runs on the directory."
        })
public final class StatusCommand implements Callable<Integer> {
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss z", Locale.ROOT);

    @Spec private CommandSpec spec;
    @Mixin private DataOption data;

    @Option(names = "--json", description = "The node's own answer: {\"disks\":[{...}]}.")
    private boolean json;

    @Option(
            names = "--watch",
            description =
                    "Again each second with the time, in place on a terminal, until the node or you end it.")
    private boolean watch;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    StatusCommand() {}

    @Override
    public Integer call() throws StartException, InterruptedException {
        ControlClient client = data.client();
        show(client);
        CountDownLatch never = new CountDownLatch(1);
        while (watch && !never.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
            show(client);
        }
        return 0;
    }

    private void show(ControlClient client) throws StartException {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(client.statusJson());
        } else {
            String text = text(client.status());
            if (watch) {
                // In one piece: what is seen never is half of it.
                out.print(
                        (Terminal.isThere() ? Terminal.CLEAR : "")
                                + TIME.format(ZonedDateTime.now())
                                + "\n");
            }
            out.print(text);
        }
        out.flush();
    }

    static String text(NodeStatus node) {
        Table table = new Table();
        table.row(
                "DISK",
                "STATE",
                "EPOCH",
                "RINGS",
                "IN FLIGHT",
                "WAITING",
                "COMPLETED",
                "RESTARTS",
                "HOST",
                "RESUMED",
                "RENOTIFIED",
                "DEFERRED",
                "RECOVERY");
        for (DiskStatus disk : node.disks()) {
            table.row(
                    disk.name(),
                    disk.state(),
                    disk.epoch(),
                    disk.rings(),
                    disk.inFlight(),
                    disk.waiting(),
                    disk.completed(),
                    disk.restarts(),
                    disk.hostRestarts(),
                    disk.resumed(),
                    disk.renotified(),
                    disk.deferredSignals(),
                    String.format(Locale.ROOT, "%.1f ms", disk.lastRecoveryMillis()));
        }
        StringBuilder text =
                new StringBuilder(
                        String.format(
                                Locale.ROOT,
                                "node %d on %s, version %s, up %.0f s, fsync %s, %d NBD connections%n",
                                node.pid(),
                                Printable.whole(node.data()),
                                Printable.name(node.version()),
                                node.uptimeSeconds(),
                                node.fsync() ? "on" : "off",
                                node.connections()));
        text.append(table.text());
        for (DiskStatus disk : node.disks()) {
            if (!disk.reason().isEmpty()) {
                text.append(Printable.line(disk.name() + ": " + disk.reason())).append('\n');
            }
        }
        return text.toString();
    }
}
