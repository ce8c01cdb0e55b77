package io.chainring.node.cli;

import io.chainring.node.StartException;
import io.chainring.node.control.NodeStatus;
import io.chainring.node.disk.DiskStatus;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code chainring disks}. */
@Command(
        name = "disks",
        mixinStandardHelpOptions = true,
        description = "Lists the disks of a running node: size, image, journal, event loop, UUID.",
        footer = {
            "",
            "Examples:",
            "  chainring disks",
            "  chainring disks --data /var/lib/chainring",
            "",
            "Exit codes: 0 done, 2 wrong usage or no node runs on the directory."
        })
public final class DisksCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DataOption data;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    DisksCommand() {}

    @Override
    public Integer call() throws StartException {
        NodeStatus node = data.client().status();
        Table table = new Table();
        table.row("DISK", "SIZE", "STATE", "JOURNAL", "LOOP", "UUID", "IMAGE");
        for (DiskStatus disk : node.disks()) {
            table.row(
                    disk.name(),
                    SizeText.format(disk.sizeBytes()),
                    disk.state(),
                    disk.journal(),
                    disk.loop(),
                    disk.uuid(),
                    disk.path());
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(table.text());
        for (String uri : node.nbd()) {
            out.println("NBD at " + uri);
        }
        out.flush();
        return 0;
    }
}
