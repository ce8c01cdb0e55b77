package io.chainring.host.registry;

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
     */
    record Insert(UUID uuid, String diskName, @Nullable String requestedName, String requestId)
            implements Repeatable {}

    /** The disk is served now: Reserved becomes Inserted. @param insertion of the {@link RegisteredDisk} */
    record Attached(UUID uuid, long insertion) implements RegistryRequest {}

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

    /** Remember a disk that is Free no longer. The generations of its names are remembered still. */
    record Forget(UUID uuid, String requestId) implements Repeatable {}
}
