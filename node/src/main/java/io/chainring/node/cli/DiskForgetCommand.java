package io.chainring.node.cli;

import io.chainring.node.StartException;
import io.chainring.node.control.DiskRefusedException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code chainring disk forget}. */
@Command(
        name = "forget",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "The node knows an ejected disk no longer, nor the device name that it had; its image stays.",
            "The generations of the name go on: an old identifier of it stays stale."
        },
        footer = {"", "Examples:", "  chainring disk forget data", "", DiskCommand.EXIT_CODES})
final class DiskForgetCommand implements Callable<Integer> {
    @Mixin private DiskAnswer disk;

    @Mixin private DiskKey key;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    DiskForgetCommand() {}

    @Override
    public Integer call() throws StartException, DiskRefusedException {
        return disk.ask("forget", Map.of("key", key.text()));
    }
}
