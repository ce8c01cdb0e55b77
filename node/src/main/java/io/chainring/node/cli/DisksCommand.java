package io.chainring.node.cli;

import io.chainring.base.text.Printable;
import io.chainring.node.StartException;
import io.chainring.node.control.NodeStatus;
import io.chainring.node.disk.DiskStatus;
import io.chainring.node.http.Json;
import io.chainring.node.text.SizeText;
import io.chainring.node.text.Table;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
            "  chainring disks --json | jq -r '.disks[].path'",
            "",
            "Exit codes: 0 done, 2 wrong usage or no node runs on the directory."
        })
public final class DisksCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @Mixin private DataOption data;

    @Option(
            names = "--json",
            description = "{\"disks\":[{\"name\":...}],\"nbd\":[...]}, sizes in bytes.")
    private boolean json;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    DisksCommand() {}

    /** A disk as {@code --json} shows it. */
    record ListedDisk(
            String name,
            long sizeBytes,
            String state,
            int journal,
            int loop,
            String uuid,
            String path) {}

    /** All disks, and where NBD listens. */
    record Listing(List<ListedDisk> disks, List<String> nbd) {
        static Listing of(NodeStatus node) {
            return new Listing(
                    node.disks().stream()
                            .map(
                                    each ->
                                            new ListedDisk(
                                                    each.name(),
                                                    each.sizeBytes(),
                                                    each.state(),
                                                    each.journal(),
                                                    each.loop(),
                                                    each.uuid(),
                                                    each.path()))
                            .toList(),
                    node.nbd());
        }
    }

    @Override
    public Integer call() throws StartException {
        NodeStatus node = data.client().status();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.write(Listing.of(node)));
            out.flush();
            return 0;
        }
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
        out.print(table.text());
        for (String uri : node.nbd()) {
            out.println("NBD at " + Printable.whole(uri));
        }
        out.flush();
        return 0;
    }
}
