package io.chainring.node.cli;

import io.chainring.node.StartException;
import io.chainring.node.control.DiskRefusedException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code chainring disk forget}. */
@Command(
        name = "forget",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "The node knows an ejected disk no longer, nor the device name that it had; its image stays.",
            "The generations of the name go on: an old identifier of it stays stale."
        },
        footer = {
            "",
            "Examples:",
            "  chainring disk forget data",
            "",
            "Exit codes: 0 done, 1 the node refuses or fails (one line says why), 2 wrong usage or no node runs on the directory."
        })
final class DiskForgetCommand implements Callable<Integer> {
    @Mixin private DiskAnswer disk;

    @Parameters(
            paramLabel = "KEY",
            description = "Which disk: name, UUID, device name or identifier.")
    private String key;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    DiskForgetCommand() {}

    @Override
    public Integer call() throws StartException, DiskRefusedException {
        return disk.ask("forget", Map.of("key", key));
    }
}
