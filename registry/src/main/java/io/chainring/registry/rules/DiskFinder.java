package io.chainring.registry.rules;

import io.chainring.registry.name.DriveLetterIdentifier;
import io.chainring.registry.name.Shown;
import java.util.UUID;

/** Finds disks by any of their keys. A device name and an identifier find the disk that holds the name now. */
final class DiskFinder {
    private final RegistryState state;

    DiskFinder(RegistryState state) {
        this.state = state;
    }

    /** Finds a disk by any key. */
    LookupAnswer find(LookupKey key) {
        if (key instanceof LookupKey.ByText text) {
            LookupAnswer answer = new LookupAnswer.NotFound("no disk " + Shown.text(text.text()));
            for (LookupKey candidate : LookupKey.candidates(text.text())) {
                LookupAnswer found = find(candidate);
                if (found instanceof LookupAnswer.Found) {
                    return found;
                }
                answer = candidate instanceof LookupKey.ByIdentifier ? found : answer;
            }
            return answer;
        }
        if (key instanceof LookupKey.ByIdentifier identifier) {
            return byIdentifier(identifier.identifier());
        }
        UUID uuid;
        String sought;
        if (key instanceof LookupKey.ByDeviceName device) {
            uuid = state.names().holder(device.deviceName());
            sought = device.deviceName().toString();
        } else if (key instanceof LookupKey.ByDiskName called) {
            uuid = state.called(called.diskName());
            sought = Shown.text(called.diskName());
        } else {
            uuid = ((LookupKey.ByUuid) key).uuid();
            sought = uuid.toString();
        }
        RegisteredDisk disk = uuid == null ? null : state.disk(uuid);
        return disk == null
                ? new LookupAnswer.NotFound("no disk " + sought)
                : new LookupAnswer.Found(disk);
    }

    private LookupAnswer byIdentifier(DriveLetterIdentifier identifier) {
        UUID holder = state.names().holder(identifier.name());
        RegisteredDisk disk = holder == null ? null : state.disk(holder);
        if (disk == null) {
            return new LookupAnswer.NotFound(
                    "identifier " + identifier + ": no disk holds " + identifier.name());
        }
        if (!disk.identifier().equals(identifier)) {
            return new LookupAnswer.NotFound(
                    "identifier %s is stale: %s is held in generation %s by disk %s"
                            .formatted(
                                    identifier,
                                    identifier.name(),
                                    disk.generation(),
                                    disk.diskName()));
        }
        return new LookupAnswer.Found(disk);
    }
}
