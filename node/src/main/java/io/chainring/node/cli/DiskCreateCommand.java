package io.chainring.node.cli;

import io.chainring.node.StartException;
import io.chainring.node.control.DiskRefusedException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code chainring disk create}. */
@Command(
        name = "create",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Makes a disk and inserts it: it is served at once, by its name, UUID and device name.",
        footer = {
            "",
            "Examples:",
            "  chainring disk create data --size 16M",
            "  chainring disk create data --path /srv/data.img --size 16M --name vdc",
            "  chainring disk create old --path /srv/old.img --data /var/lib/chainring",
            "",
            DiskCommand.EXIT_CODES
        })
final class DiskCreateCommand implements Callable<Integer> {
    @Mixin private DiskAnswer disk;

    @Parameters(paramLabel = "NAME", description = "What the disk shall be called.")
    private String name;

    @Option(
            names = "--path",
            paramLabel = "FILE",
            description =
                    "Its image (default: a file in the data directory); made when it is missing.")
    private @Nullable Path path;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            description =
                    "Size (K, M, G, T) with which a missing image is made, and which an existing one must have.")
    private @Nullable String size;

    @Option(
            names = "--name",
            paramLabel = "DEVICE",
            description =
                    "Device name that it shall have, such as vdc or D: (default: by the policy of the registry).")
    private @Nullable String deviceName;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    DiskCreateCommand() {}

    @Override
    public Integer call() throws StartException, DiskRefusedException {
        Map<String, @Nullable Object> asked = new HashMap<>();
        asked.put("name", name);
        asked.put("path", path == null ? null : path.toAbsolutePath().normalize().toString());
        asked.put("sizeBytes", size == null ? null : SizeText.ofOption("--size", size));
        asked.put("deviceName", deviceName);
        return disk.ask("create", asked);
    }
}
