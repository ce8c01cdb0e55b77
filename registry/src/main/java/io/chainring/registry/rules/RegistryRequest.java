package io.chainring.registry.rules;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What may be asked of the registry. It is input of the other side: {@link RegistryCore} checks all of it. */
public sealed interface RegistryRequest {

    /** The disk. */
    UUID uuid();

    /**
     * A request that is sent again with its id when the answer did not come: while the id is remembered it gets the
     * answer that it got, and is not carried out again.
     */
    sealed interface Repeatable extends RegistryRequest {
        /** 1 to 64 visible ASCII characters, never used for another request. */
        String requestId();
    }

    /**
     * Give the disk a name: it becomes Reserved. One that holds a name keeps it.
     *
     * @param diskName what people call it
     * @param requestedName the device name that it shall have; null: by the policy
     * @param storage where a new disk is; null for one that is known, or where nobody cares
     */
    record Insert(
            UUID uuid,
            String diskName,
            @Nullable String requestedName,
            @Nullable DiskStorage storage,
            String requestId)
            implements Repeatable {
        /** Of a disk about which nothing more is said. */
        public Insert(
                UUID uuid, String diskName, @Nullable String requestedName, String requestId) {
            this(uuid, diskName, requestedName, null, requestId);
        }

        /** The same with another place. */
        public Insert at(@Nullable DiskStorage place) {
            return new Insert(uuid, diskName, requestedName, place, requestId);
        }
    }

    /**
     * Where the disk's image is, from now on. Of a disk of a time when the registry did not know where disks are, all of it;
     * one that it knows keeps its size, its journal and its id there.
     */
    record Locate(UUID uuid, DiskStorage storage) implements RegistryRequest {}

    /**
     * The disk is served now: Reserved becomes Inserted. Of one that is Inserted: it has grown.
     *
     * @param insertion of the {@link RegisteredDisk}
     * @param sizeBytes with which it is served; 0: as before
     */
    record Attached(UUID uuid, long insertion, long sizeBytes) implements RegistryRequest {}

    /** The disk is to go: it becomes Detaching and keeps its name until {@link Detached}. */
    record Eject(UUID uuid, String requestId) implements Repeatable {}

    /** Its last chain has ended: Detaching becomes Free. @param insertion of the {@link RegisteredDisk} */
    record Detached(UUID uuid, long insertion) implements RegistryRequest {}

    /**
     * Another name for the disk. A new device name needs a disk that is Reserved or Inserted; the old one is free at
     * once, and guests that have the disk learn of the new one when it is plugged in again.
     *
     * @param diskName null: as it is
     * @param deviceName null: as it is
     */
    record Rename(
            UUID uuid, @Nullable String diskName, @Nullable String deviceName, String requestId)
            implements Repeatable {}

    /**
     * Remember a disk no longer that is Free, or whose making is not complete. The generations of its names are remembered
     * still.
     */
    record Forget(UUID uuid, String requestId) implements Repeatable {}
}
