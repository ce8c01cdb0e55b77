package io.chainring.node.cli;

import io.chainring.node.StartException;
import io.chainring.node.control.DiskRefusedException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code chainring disk insert}. */
@Command(
        name = "insert",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Serves a disk again that was ejected.",
            "It gets its old device name with the next generation, or the one that is asked for; a name that another disk holds is refused."
        },
        footer = {
            "",
            "Examples:",
            "  chainring disk insert data",
            "  chainring disk insert 3f0c4a52-6a52-4b0e-9d5e-1b7f0c3a9e11 --name vdd",
            "",
            DiskCommand.EXIT_CODES
        })
final class DiskInsertCommand implements Callable<Integer> {
    @Mixin private DiskAnswer disk;

    @Mixin private DiskKey key;

    @Option(
            names = "--name",
            paramLabel = "DEVICE",
            description =
                    "Device name that it shall have, such as vdc or D: (default: the one that it had).")
    private @Nullable String deviceName;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    DiskInsertCommand() {}

    @Override
    public Integer call() throws StartException, DiskRefusedException {
        Map<String, @Nullable Object> asked = new HashMap<>();
        asked.put("key", key.text());
        asked.put("deviceName", deviceName);
        return disk.ask("insert", asked);
    }
}
