package io.chainring.registry.rules;

import io.chainring.registry.name.DeviceName;
import io.chainring.registry.name.DriveLetterIdentifier;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A disk as the registry knows it.
 *
 * @param uuid who it is
 * @param diskName what people call it, see {@link RegistryNames}; unique
 * @param deviceName the name that it holds; in state FREE the last one that it held
 * @param generation of that name when the disk was given it
 * @param state where it stands
 * @param insertion number of this insertion, unique in the registry: a late word about an earlier insertion is told
 *     from one about the present
 * @param changedAtMillis time of the last change, since 1970, by the registry's clock, which never goes back
 * @param storage where its bytes are; null when nobody has said so
 */
public record RegisteredDisk(
        UUID uuid,
        String diskName,
        DeviceName deviceName,
        int generation,
        DiskState state,
        long insertion,
        long changedAtMillis,
        @Nullable DiskStorage storage) {

    /** True when it was served at least once, or nobody has said where it is: its making is complete. */
    public boolean isMade() {
        return storage == null || storage.sizeBytes() > 0;
    }

    /** The identifier that the disk carries into a guest; in state FREE a stale one. */
    public DriveLetterIdentifier identifier() {
        return DriveLetterIdentifier.of(deviceName, generation, uuid);
    }

    public RegisteredDisk in(DiskState next, long nowMillis) {
        return with(next, nowMillis, storage);
    }

    public RegisteredDisk with(DiskState next, long nowMillis, @Nullable DiskStorage where) {
        return new RegisteredDisk(
                uuid, diskName, deviceName, generation, next, insertion, nowMillis, where);
    }
}
