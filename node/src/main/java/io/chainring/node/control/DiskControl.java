package io.chainring.node.control;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What can be done with the disks of a running node. A key is a disk's name, UUID, device name, scheme and value
 * ({@code vd:2}) or identifier. Stages fail with {@link DiskRefusedException}. Thread-safe.
 */
public interface DiskControl {

    /** All disks that the node knows, also those that are not inserted, by name. */
    CompletionStage<List<DiskEntry>> list();

    /** The disk of a key. */
    CompletionStage<DiskEntry> lookup(String key);

    /**
     * Makes a disk and inserts it.
     *
     * @param name of the disk
     * @param path of its image, absolute; null: in the data directory
     * @param sizeBytes with which a missing image is made, and which an existing one must have; 0 takes it as it is
     * @param deviceName that it shall have; null: by the registry's policy
     */
    CompletionStage<DiskEntry> create(
            String name, @Nullable Path path, long sizeBytes, @Nullable String deviceName);

    /**
     * Serves a disk that was ejected; nothing changes for one that is inserted.
     *
     * @param deviceName as for {@link #create}
     */
    CompletionStage<DiskEntry> insert(String key, @Nullable String deviceName);

    /**
     * Takes a disk away: waits for its chains in flight, flushes, closes its image, frees its device name. The answer
     * comes within the node's stop limit; what takes longer goes on, and is refused with the number of chains.
     *
     * @param force true: clients that are connected lose their connections; false: they are a reason to refuse
     */
    CompletionStage<DiskEntry> eject(String key, boolean force);

    /**
     * Gives a disk another name. The disk is taken away and brought back.
     *
     * @param newDiskName what people shall call it; null: as it is
     * @param newDeviceName null: as it is
     * @param force as for {@link #eject}
     */
    CompletionStage<DiskEntry> rename(
            String key,
            @Nullable String newDiskName,
            @Nullable String newDeviceName,
            boolean force);

    /** Knows an ejected disk no longer; its image stays. The disk as it was. */
    CompletionStage<DiskEntry> forget(String key);

    /** Makes a disk larger, whoever works on it; to make it smaller is refused. */
    CompletionStage<DiskEntry> resize(String key, long sizeBytes);
}
