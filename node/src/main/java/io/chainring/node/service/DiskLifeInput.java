package io.chainring.node.service;

import io.chainring.registry.rules.DiskStorage;
import io.chainring.registry.rules.RegisteredDisk;
import org.jspecify.annotations.Nullable;

/** All that can happen to a disk in a node, see {@link DiskLifeCore}. */
sealed interface DiskLifeInput {

    /**
     * Somebody wants something of the disk.
     *
     * @param ticket names the answer; never used twice
     */
    record Command(long ticket, Wish wish) implements DiskLifeInput {}

    /** What somebody wants. */
    sealed interface Wish {
        /** The node starts: the disk is brought to where the registry says it belongs. @param sizeBytes 0: as it is */
        record Begin(long sizeBytes) implements Wish {}

        /**
         * A new disk.
         *
         * @param deviceName null: by the registry's policy
         * @param sizeBytes of its image; 0: as it is
         */
        record Create(
                String diskName, @Nullable String deviceName, DiskStorage storage, long sizeBytes)
                implements Wish {}

        /** To be served. */
        record Insert(@Nullable String deviceName, long sizeBytes) implements Wish {}

        /** To go. @param force also when clients are connected */
        record Eject(boolean force) implements Wish {}

        /** Other names; null: as it is. */
        record Rename(@Nullable String diskName, @Nullable String deviceName, boolean force)
                implements Wish {}

        /** More bytes. */
        record Resize(long sizeBytes) implements Wish {}

        /** Not to be known any longer. */
        record Forget() implements Wish {}
    }

    /** Who waits for an answer has waited long enough. */
    record Overdue(long ticket) implements DiskLifeInput {}

    /** The node ends: nothing new is begun, and what runs comes to its end. */
    record NodeEnds() implements DiskLifeInput {}

    /** The registry has journaled it. */
    record Accepted(RegisteredDisk disk) implements DiskLifeInput {}

    /** The registry has been silent for long; it is asked on, and what it says comes all the same. */
    record Unanswered() implements DiskLifeInput {}

    /** The registry refuses. */
    record Refused(String why) implements DiskLifeInput {}

    /** The image is open and locked, with that size. */
    record Opened(long sizeBytes) implements DiskLifeInput {}

    /** The disk's actors are up and serve. */
    record Serves() implements DiskLifeInput {}

    /** Image and backend have the new size. */
    record Grown(long sizeBytes) implements DiskLifeInput {}

    /** The image cannot be opened, the actors have not come up, or it has not grown. */
    record Failed(String why) implements DiskLifeInput {}

    /** Nothing of the disk is in its journal any more; or what is will be found by the next start. */
    record Erased() implements DiskLifeInput {}

    /** Nothing of the disk runs any more, its image is closed. @param failure null: and flushed */
    record Ended(@Nullable String failure) implements DiskLifeInput {}
}
