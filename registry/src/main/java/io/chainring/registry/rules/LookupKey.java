package io.chainring.registry.rules;

import io.chainring.registry.name.DeviceName;
import io.chainring.registry.name.DriveLetterIdentifier;
import io.chainring.registry.name.NameScheme;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** By what a disk can be found. */
public sealed interface LookupKey {

    /** Who it is; finds disks that are away too. */
    record ByUuid(UUID uuid) implements LookupKey {}

    /** What people call it; finds disks that are away too. */
    record ByDiskName(String diskName) implements LookupKey {}

    /** The device name, or scheme and value, that it holds. */
    record ByDeviceName(DeviceName deviceName) implements LookupKey {}

    /** The identifier that it carries; one of an earlier generation finds nothing. */
    record ByIdentifier(DriveLetterIdentifier identifier) implements LookupKey {}

    /** Any of them in one text: see {@link #candidates}. */
    record ByText(String text) implements LookupKey {}

    /**
     * What a text may be, in the order in which it is tried: a UUID; scheme and value, such as vd:2; a device name; an
     * identifier; a disk's name. The registry never lets two disks be meant by one text.
     */
    static List<LookupKey> candidates(String text) {
        List<LookupKey> keys = new ArrayList<>();
        UUID uuid = RegistryNames.uuid(text);
        if (uuid != null) {
            keys.add(new ByUuid(uuid));
        }
        DeviceName byValue = byValue(text);
        if (byValue != null) {
            keys.add(new ByDeviceName(byValue));
        }
        DeviceName device = DeviceName.tryParse(text);
        if (device != null) {
            keys.add(new ByDeviceName(device));
        }
        DriveLetterIdentifier identifier = DriveLetterIdentifier.tryParse(text);
        if (identifier != null) {
            keys.add(new ByIdentifier(identifier));
        }
        keys.add(new ByDiskName(text));
        return keys;
    }

    private static @Nullable DeviceName byValue(String text) {
        int colon = text.indexOf(':');
        if (colon < 2 || text.length() - colon > 6) {
            return null;
        }
        try {
            return new DeviceName(
                    NameScheme.ofLabel(text.substring(0, colon)),
                    Integer.parseUnsignedInt(text.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
