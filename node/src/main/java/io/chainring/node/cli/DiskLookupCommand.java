package io.chainring.node.cli;

import io.chainring.node.StartException;
import io.chainring.node.control.DiskRefusedException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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
            DiskCommand.EXIT_CODES
        })
final class DiskLookupCommand implements Callable<Integer> {
    @Mixin private DiskAnswer disk;

    @Mixin private DiskKey key;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    DiskLookupCommand() {}

    @Override
    public Integer call() throws StartException, DiskRefusedException {
        return disk.ask("lookup", Map.of("key", key.text()));
    }
}
