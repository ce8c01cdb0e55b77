package io.chainring.node.cli;

import io.chainring.node.StartException;
import io.chainring.node.control.DiskRefusedException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code chainring disk resize}. */
@Command(
        name = "resize",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Makes a disk larger while its clients work: those that connect from now on see the new size, the others keep the one that they know.",
            "A disk is never made smaller."
        },
        footer = {
            "",
            "Examples:",
            "  chainring disk resize data 32M",
            "  chainring disk resize vdc 1G",
            "",
            DiskCommand.EXIT_CODES
        })
final class DiskResizeCommand implements Callable<Integer> {
    @Mixin private DiskAnswer disk;

    @Mixin private DiskKey key;

    @Parameters(index = "1", paramLabel = "SIZE", description = "New size (K, M, G, T).")
    private String size;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    DiskResizeCommand() {}

    @Override
    public Integer call() throws StartException, DiskRefusedException {
        return disk.ask(
                "resize", Map.of("key", key.text(), "sizeBytes", SizeText.ofOption("SIZE", size)));
    }
}
