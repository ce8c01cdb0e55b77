package io.chainring.registry.rules;

import io.chainring.registry.name.DeviceName;
import io.chainring.registry.name.DriveLetterIdentifier;
import io.chainring.registry.name.NameScheme;
import io.chainring.registry.name.Shown;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Which name a disk may have, and why not. */
final class NameChoice {
    private final RegistryState state;
    private final RegistrySettings settings;

    NameChoice(RegistryState state, RegistrySettings settings) {
        this.state = state;
        this.settings = settings;
    }

    /** The name for a disk that asks for none, free or not; null when there is none to give. */
    @Nullable DeviceName byPolicy(@Nullable RegisteredDisk away) {
        NameTable names = state.names();
        if (away != null) {
            boolean own =
                    switch (settings.policy()) {
                        case STICKY -> true;
                        case LOWEST_FREE -> false;
                        case QUARANTINE -> names.restsFor(away.deviceName(), away.uuid());
                    };
            if (own) {
                return away.deviceName();
            }
        }
        return names.lowestFree(settings.defaultScheme());
    }

    Refusal exhausted() {
        NameScheme scheme = settings.defaultScheme();
        return new Refusal.Exhausted(
                Refusal.Resource.NAMES, scheme.largest() - scheme.lowest() + 1L);
    }

    /** Why a disk cannot be given this name; null when it can. */
    @Nullable Refusal refusal(DeviceName name, UUID uuid) {
        NameTable names = state.names();
        if (!settings.schemes().contains(name.scheme())) {
            return new Refusal.Incompatible(
                    "%s: names of scheme %s are not given here (chainring.registry.schemes)"
                            .formatted(name, name.scheme().label()));
        }
        if (settings.reservedNames().contains(name)) {
            return new Refusal.NameReserved(name, names.lowestFree(name.scheme()));
        }
        UUID other = names.otherOccupant(name, uuid);
        RegisteredDisk holder = other == null ? null : state.disk(other);
        if (holder != null) {
            return new Refusal.NameTaken(
                    name, holder.uuid(), holder.diskName(), names.lowestFree(name.scheme()));
        }
        long untilMillis = names.restsUntilMillis(name);
        if (untilMillis != 0 && !names.restsFor(name, uuid)) {
            return new Refusal.NameResting(name, untilMillis, names.lowestFree(name.scheme()));
        }
        return names.generation(name) >= DriveLetterIdentifier.LARGEST_GENERATION
                ? new Refusal.Exhausted(
                        Refusal.Resource.GENERATIONS, DriveLetterIdentifier.LARGEST_GENERATION)
                : null;
    }

    /** Why a disk cannot be called so; null when it can. */
    @Nullable Refusal diskNameRefusal(String diskName, UUID uuid) {
        String wrong = RegistryNames.wrongDiskName(diskName, uuid);
        if (wrong != null) {
            return new Refusal.Incompatible(wrong);
        }
        UUID other = state.called(diskName);
        DeviceName alike = DeviceName.tryParse(diskName);
        if (other == null && alike != null) {
            other = state.names().otherOccupant(alike, uuid);
        }
        return other == null || other.equals(uuid)
                ? null
                : new Refusal.DiskNameTaken(diskName, other);
    }

    static Refusal malformed(String name) {
        return new Refusal.Incompatible(
                "'"
                        + Shown.text(name)
                        + "' is no device name: allowed are vda to vdcrxp, sda to sdcrxp,"
                        + " xvda to xvdcrxp, and C: to Z:");
    }
}
