package io.chainring.node.cli;

import io.chainring.base.text.Printable;
import io.chainring.node.StartException;
import io.chainring.node.control.ControlClient;
import io.chainring.node.control.DiskAction;
import io.chainring.node.control.DiskEntry;
import io.chainring.node.control.DiskRefusedException;
import io.chainring.node.text.SizeText;
import io.chainring.node.text.Table;
import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What the commands about disks have in common: which node, and how its answer is shown. */
final class DiskAnswer {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Mixin private DataOption data;

    @Option(names = "--json", description = "The node's own answer.")
    private boolean json;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    DiskAnswer() {}

    /**
     * Has the node do it, and shows the disk as it is then.
     *
     * @return the exit code of success
     */
    int ask(DiskAction action) throws StartException, DiskRefusedException {
        ControlClient client = data.client();
        String answer = client.disk(action);
        return show(json ? answer : Printable.whole(line(client.entry(answer))));
    }

    /**
     * Shows all disks.
     *
     * @return the exit code of success
     */
    int list() throws StartException, DiskRefusedException {
        ControlClient client = data.client();
        return show(json ? client.disksJson() : table(client.disks()).stripTrailing());
    }

    private int show(String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(text);
        out.flush();
        return 0;
    }

    /** Disks in a table. */
    static String table(List<DiskEntry> disks) {
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

    /** A disk in one line. */
    static String line(DiskEntry disk) {
        String held =
                disk.deviceName() == null
                        ? "free, had " + disk.rememberedName()
                        : disk.state()
                                + " as "
                                + disk.deviceName()
                                + " (generation "
                                + disk.generation()
                                + "), identifier "
                                + disk.identifier();
        return disk.name()
                + ": "
                + held
                + ", "
                + SizeText.format(disk.sizeBytes())
                + ", "
                + disk.path()
                + ", uuid "
                + disk.uuid();
    }
}
