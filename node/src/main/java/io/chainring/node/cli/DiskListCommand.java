package io.chainring.node.cli;

import io.chainring.node.StartException;
import io.chainring.node.control.ControlClient;
import io.chainring.node.control.DiskEntry;
import io.chainring.node.control.DiskRefusedException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code chainring disk ls}. */
@Command(
        name = "ls",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Lists all disks that a running node knows, also those that are not inserted.",
        footer = {
            "",
            "Examples:",
            "  chainring disk ls",
            "  chainring disk ls --json | jq -r '.disks[] | select(.state == \"inserted\") | .deviceName'",
            "",
            DiskCommand.EXIT_CODES
        })
final class DiskListCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DataOption data;

    @Option(names = "--json", description = "The node's own answer: {\"disks\":[{...}]}.")
    private boolean json;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    DiskListCommand() {}

    @Override
    public Integer call() throws StartException, DiskRefusedException {
        ControlClient client = data.client();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(client.disksJson());
        } else {
            out.print(text(client.disks()));
        }
        out.flush();
        return 0;
    }

    static String text(List<DiskEntry> disks) {
        Table table = new Table();
        table.row(
                "DISK",
                "DEVICE",
                "STATE",
                "HEALTH",
                "CLIENTS",
                "GENERATION",
                "IDENTIFIER",
                "SIZE",
                "UUID",
                "IMAGE");
        for (DiskEntry disk : disks) {
            table.row(
                    disk.name(),
                    orNothing(disk.deviceName()),
                    disk.state(),
                    orNothing(disk.health()),
                    disk.clients(),
                    disk.generation(),
                    orNothing(disk.identifier()),
                    SizeText.format(disk.sizeBytes()),
                    disk.uuid(),
                    disk.path());
        }
        return table.text();
    }

    private static String orNothing(@Nullable String text) {
        return text == null || text.isEmpty() ? "-" : text;
    }
}
