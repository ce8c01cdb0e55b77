package io.chainring.node.cli;

import io.chainring.node.StartException;
import io.chainring.node.control.DiskRefusedException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code chainring disk eject}. */
@Command(
        name = "eject",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Takes a disk away: waits for its chains in flight, flushes and closes its image, frees its device name.",
            "Refused while clients are connected, unless forced. The node keeps knowing the disk; its image stays."
        },
        footer = {
            "",
            "Examples:",
            "  chainring disk eject data",
            "  chainring disk eject vdc --force",
            "",
            DiskCommand.EXIT_CODES
        })
final class DiskEjectCommand implements Callable<Integer> {
    @Mixin private DiskAnswer disk;

    @Mixin private DiskKey key;

    @Option(
            names = "--force",
            description = "Also when clients are connected: their connections are closed first.")
    private boolean force;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    DiskEjectCommand() {}

    @Override
    public Integer call() throws StartException, DiskRefusedException {
        return disk.ask("eject", Map.of("key", key.text(), "force", force));
    }
}
