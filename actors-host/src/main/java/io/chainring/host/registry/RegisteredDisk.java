package io.chainring.host.registry;

import java.util.UUID;

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
 */
public record RegisteredDisk(
        UUID uuid,
        String diskName,
        DeviceName deviceName,
        int generation,
        DiskState state,
        long insertion,
        long changedAtMillis) {

    /** The identifier that the disk carries into a guest; in state FREE a stale one. */
    public DriveLetterIdentifier identifier() {
        return DriveLetterIdentifier.of(deviceName, generation, uuid);
    }

    RegisteredDisk in(DiskState next, long nowMillis) {
        return new RegisteredDisk(
                uuid, diskName, deviceName, generation, next, insertion, nowMillis);
    }
}
