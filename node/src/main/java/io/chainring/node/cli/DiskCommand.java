package io.chainring.node.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code chainring disk}: what can be done with the disks of a running node. */
@Command(
        name = "disk",
        mixinStandardHelpOptions = true,
        subcommands = {
            DiskCreateCommand.class,
            DiskInsertCommand.class,
            DiskEjectCommand.class,
            DiskListCommand.class,
            DiskLookupCommand.class,
            DiskRenameCommand.class,
            DiskResizeCommand.class,
            DiskForgetCommand.class
        },
        description = {
            "Makes, inserts, ejects, names and grows disks of a running node; clients of other disks notice nothing.",
            "KEY is a disk's name, UUID, device name (vdc), scheme and value (vd:2), or drive letter identifier."
        },
        footer = {
            "",
            "Examples:",
            "  chainring disk create data --path /srv/data.img --size 16M --name vdc",
            "  chainring disk ls",
            "  chainring disk eject vdc",
            "",
            DiskCommand.EXIT_CODES
        })
public final class DiskCommand implements Runnable {
    /** Last line of the help of each of these commands. */
    static final String EXIT_CODES =
            "Exit codes: 0 done, 1 the node refuses or fails (one line says why), 2 wrong usage or no node runs on the directory.";

    @Spec private CommandSpec spec;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    DiskCommand() {}

    /** Without a subcommand there is nothing to do. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no disk command given");
    }
}
