package io.chainring.node.cli;

import io.chainring.node.StartException;
import io.chainring.node.control.DiskAction;
import io.chainring.node.control.DiskRefusedException;
import io.chainring.node.text.SizeText;
import io.chainring.registry.name.DeviceName;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code chainring disk}: what can be done with the disks of a running node, each a method that picocli calls. */
@Command(
        name = "disk",
        mixinStandardHelpOptions = true,
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

    private static final String KEY = "Which disk: name, UUID, device name or identifier.";
    private static final String FORCE =
            "Also when clients are connected: their connections are closed first.";

    @Spec private CommandSpec spec;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    DiskCommand() {}

    /** Without a subcommand there is nothing to do. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no disk command given");
    }

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
                EXIT_CODES
            })
    int create(
            @Mixin DiskAnswer disk,
            @Parameters(paramLabel = "NAME", description = "What the disk shall be called.")
                    String name,
            @Option(
                            names = "--path",
                            paramLabel = "FILE",
                            description =
                                    "Its image (default: a file in the data directory); made when it is missing.")
                    @Nullable Path path,
            @Option(
                            names = "--size",
                            paramLabel = "SIZE",
                            description =
                                    "Size (K, M, G, T) with which a missing image is made, and which an existing one must have.")
                    @Nullable String size,
            @Option(
                            names = "--name",
                            paramLabel = "DEVICE",
                            description =
                                    "Device name that it shall have, such as vdc or D: (default: by the policy of the registry).")
                    @Nullable String deviceName)
            throws StartException, DiskRefusedException {
        return disk.ask(
                new DiskAction.Create(
                        name,
                        path == null ? null : path.toAbsolutePath().normalize().toString(),
                        size == null ? 0 : SizeText.ofOption("--size", size),
                        deviceName));
    }

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
                EXIT_CODES
            })
    int insert(
            @Mixin DiskAnswer disk,
            @Parameters(paramLabel = "KEY", description = KEY) String key,
            @Option(
                            names = "--name",
                            paramLabel = "DEVICE",
                            description =
                                    "Device name that it shall have, such as vdc or D: (default: the one that it had).")
                    @Nullable String deviceName)
            throws StartException, DiskRefusedException {
        return disk.ask(new DiskAction.Insert(key, deviceName));
    }

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
                EXIT_CODES
            })
    int eject(
            @Mixin DiskAnswer disk,
            @Parameters(paramLabel = "KEY", description = KEY) String key,
            @Option(names = "--force", description = FORCE) boolean force)
            throws StartException, DiskRefusedException {
        return disk.ask(new DiskAction.Eject(key, force));
    }

    @Command(
            name = "ls",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description =
                    "Lists all disks that a running node knows, also those that are not inserted.",
            footer = {
                "",
                "Examples:",
                "  chainring disk ls",
                "  chainring disk ls --json | jq -r '.disks[] | select(.state == \"inserted\") | .deviceName'",
                "",
                EXIT_CODES
            })
    int list(@Mixin DiskAnswer disks) throws StartException, DiskRefusedException {
        return disks.list();
    }

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
                EXIT_CODES
            })
    int lookup(
            @Mixin DiskAnswer disk, @Parameters(paramLabel = "KEY", description = KEY) String key)
            throws StartException, DiskRefusedException {
        return disk.ask(new DiskAction.Lookup(key));
    }

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
                EXIT_CODES
            })
    int rename(
            @Mixin DiskAnswer disk,
            @Parameters(paramLabel = "OLD", description = KEY) String key,
            @Parameters(paramLabel = "NEW", description = "Its new name.") String newName,
            @Option(
                            names = "--disk-name",
                            description =
                                    "NEW is a disk name, although it may read as a device name.")
                    boolean diskName,
            @Option(names = "--force", description = FORCE) boolean force)
            throws StartException, DiskRefusedException {
        boolean device = !diskName && DeviceName.tryParse(newName) != null;
        return disk.ask(
                new DiskAction.Rename(
                        key, device ? null : newName, device ? newName : null, force));
    }

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
                EXIT_CODES
            })
    int resize(
            @Mixin DiskAnswer disk,
            @Parameters(paramLabel = "KEY", description = KEY) String key,
            @Parameters(paramLabel = "SIZE", description = "New size (K, M, G, T).") String size)
            throws StartException, DiskRefusedException {
        return disk.ask(new DiskAction.Resize(key, SizeText.ofOption("SIZE", size)));
    }

    @Command(
            name = "forget",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = {
                "The node knows an ejected disk no longer, nor the device name that it had; its image stays.",
                "The generations of the name go on: an old identifier of it stays stale."
            },
            footer = {"", "Examples:", "  chainring disk forget data", "", EXIT_CODES})
    int forget(
            @Mixin DiskAnswer disk, @Parameters(paramLabel = "KEY", description = KEY) String key)
            throws StartException, DiskRefusedException {
        return disk.ask(new DiskAction.Forget(key));
    }
}
