package io.chainring.node.cli;

import io.chainring.node.StartException;
import io.chainring.node.control.ControlClient;
import io.chainring.node.control.DiskEntry;
import io.chainring.node.control.DiskRefusedException;
import java.io.PrintWriter;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What the commands about one disk have in common: which node, and how its answer is shown. */
final class DiskAnswer {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Mixin private DataOption data;

    @Option(names = "--json", description = "The node's own answer: {\"name\":...}.")
    private boolean json;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    DiskAnswer() {}

    /**
     * Asks the node and shows the disk as it is then.
     *
     * @param what as in {@link ControlClient#disk}
     * @return the exit code of success
     */
    int ask(String what, Map<String, ? extends @Nullable Object> body)
            throws StartException, DiskRefusedException {
        ControlClient client = data.client();
        String answer = client.disk(what, body);
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? answer : line(client.entry(answer)));
        out.flush();
        return 0;
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
