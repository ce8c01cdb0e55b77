package io.chainring.node.journal;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The group {@code chainring journal}. */
@Command(
        name = "journal",
        mixinStandardHelpOptions = true,
        description = "Looks into a journal directory that no node has open, and mends it.",
        subcommands = {
            ListCommand.class,
            ShowCommand.class,
            VerifyCommand.class,
            RepairCommand.class,
            CompactCommand.class,
            ExportCommand.class,
            ImportCommand.class
        })
public final class JournalCommand implements Runnable {
    @Spec private CommandSpec spec;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    public JournalCommand() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no journal command given");
    }
}
