package io.chainring.node.service;

import io.chainring.gateway.nbd.NbdServer;
import io.chainring.registry.rules.DiskStorage;
import io.chainring.registry.rules.RegisteredDisk;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What all disks of a node have in common. */
interface DiskKeeping {
    /** Where their steps run. */
    DiskThreads threads();

    /** The one list of disks. */
    Registry registry();

    /** Opens images. */
    ImageOpener images();

    /** All disks whose making is complete, as the registry knows them. */
    List<RegisteredDisk> registered();

    /** Starts actors. */
    DiskLauncher launcher();

    /** Where clients are; null: there are none yet. */
    @Nullable NbdServer gateway();

    /** How long who takes a disk away waits for chains in flight. */
    Duration stopLimit();

    /** Complete when disks that have come up may be told to the registry: at the start, when all have. */
    CompletableFuture<?> admitted();

    /** The node ends: no command begins any more. On the thread of the disk commands. */
    boolean isEnding();

    /** The registry says something else of a disk, or, when it is gone, nothing any more. */
    void changed(DiskLife disk, boolean gone);

    /** Where a disk is: each that a node knows has been located. */
    static DiskStorage storage(RegisteredDisk disk) {
        DiskStorage storage = disk.storage();
        if (storage == null) {
            throw new IllegalStateException(
                    "nobody has said where disk " + disk.diskName() + " is");
        }
        return storage;
    }
}
