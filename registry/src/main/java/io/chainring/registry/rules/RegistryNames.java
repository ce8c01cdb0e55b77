package io.chainring.registry.rules;

import io.chainring.registry.name.DriveLetterIdentifier;
import io.chainring.registry.name.Shown;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What disks and requests may be called. */
public final class RegistryNames {
    /** Most characters of a disk's name, and of a request id. */
    public static final int LENGTH_LIMIT_CHARACTERS = 64;

    private static final Pattern DISK_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final Pattern REQUEST_ID = Pattern.compile("[\\x21-\\x7E]{1,64}");
    private static final Pattern UUID_TEXT =
            Pattern.compile("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}");

    private RegistryNames() {}

    /** What is wrong with a request id, or null: 1 to 64 visible ASCII characters. */
    public static @Nullable String wrongRequestId(String requestId) {
        return REQUEST_ID.matcher(requestId).matches()
                ? null
                : "request id '"
                        + Shown.text(requestId)
                        + "': allowed are 1 to "
                        + LENGTH_LIMIT_CHARACTERS
                        + " visible ASCII characters";
    }

    /**
     * What is wrong with a disk's name, or null. A disk may be looked up by several kinds of key in one text, so its
     * name may not read as somebody else's UUID or as an identifier; that it does not read as somebody else's device
     * name is looked after by {@link NameTable}.
     */
    public static @Nullable String wrongDiskName(String diskName, UUID uuid) {
        if (!DISK_NAME.matcher(diskName).matches()) {
            return String.format(
                    "disk name '%s': allowed are 1 to %s letters, digits, '.', '_' and '-', the "
                            + "first a letter or digit",
                    Shown.text(diskName), LENGTH_LIMIT_CHARACTERS);
        }
        UUID read = uuid(diskName);
        if (read != null && !read.equals(uuid)) {
            return "disk name '" + diskName + "' is the UUID of another disk";
        }
        return DriveLetterIdentifier.tryParse(diskName) != null
                ? "disk name '" + diskName + "' is a drive letter identifier"
                : null;
    }

    /** The UUID in its usual 36 characters, or null. */
    static @Nullable UUID uuid(String text) {
        return UUID_TEXT.matcher(text).matches() ? UUID.fromString(text) : null;
    }
}
