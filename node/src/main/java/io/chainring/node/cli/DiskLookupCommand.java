package io.chainring.node.cli;

import io.chainring.node.StartException;
import io.chainring.node.control.DiskRefusedException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code chainring disk lookup}. */
@Command(
        name = "lookup",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Finds a disk by any key. An identifier of an earlier generation finds nothing.",
        footer = {
            "",
            "Examples:",
            "  chainring disk lookup vdc",
            "  chainring disk lookup vd:2 --json",
            "",
            "Exit codes: 0 done, 1 the node refuses or fails (one line says why), 2 wrong usage or no node runs on the directory."
        })
final class DiskLookupCommand implements Callable<Integer> {
    @Mixin private DiskAnswer disk;

    @Parameters(
            paramLabel = "KEY",
            description = "Which disk: name, UUID, device name or identifier.")
    private String key;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    DiskLookupCommand() {}

    @Override
    public Integer call() throws StartException, DiskRefusedException {
        return disk.ask("lookup", Map.of("key", key));
    }
}
