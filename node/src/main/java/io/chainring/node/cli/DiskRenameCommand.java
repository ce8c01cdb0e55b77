package io.chainring.node.cli;

import io.chainring.host.registry.DeviceName;
import io.chainring.node.StartException;
import io.chainring.node.control.DiskRefusedException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chainring disk rename}. */
@Command(
        name = "rename",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Gives a disk another name: its device name when NEW reads as one (vdd, D:), otherwise what it is called.",
            "The disk is taken away and brought back. Refused while clients are connected, unless forced."
        },
        footer = {
            "",
            "Examples:",
            "  chainring disk rename data archive",
            "  chainring disk rename vdc vdd",
            "  chainring disk rename data vdd --force",
            "",
            DiskCommand.EXIT_CODES
        })
final class DiskRenameCommand implements Callable<Integer> {
    @Mixin private DiskAnswer disk;

    @Parameters(
            paramLabel = "OLD",
            description = "Which disk: name, UUID, device name or identifier.")
    private String key;

    @Parameters(paramLabel = "NEW", description = "Its new name.")
    private String newName;

    @Option(
            names = "--disk-name",
            description = "NEW is a disk name, although it may read as a device name.")
    private boolean diskName;

    @Option(
            names = "--force",
            description = "Also when clients are connected: their connections are closed first.")
    private boolean force;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    DiskRenameCommand() {}

    @Override
    public Integer call() throws StartException, DiskRefusedException {
        boolean device = !diskName && DeviceName.tryParse(newName) != null;
        return disk.ask(
                "rename",
                Map.of(
                        "key",
                        key,
                        device ? "newDeviceName" : "newDiskName",
                        newName,
                        "force",
                        force));
    }
}
