package io.chainring.node.data;

import io.chainring.base.text.Printable;
import java.util.regex.Pattern;

/** What a disk may be called: its name goes into file names, actor names, journal ids and NBD export names. */
public final class DiskName {
    private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    private DiskName() {}

    /**
     * Checks a name.
     *
     * @return the name
     * @throws IllegalArgumentException one line that says what is allowed
     */
    public static String check(String name) {
        if (!ALLOWED.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "disk name '"
                            + Printable.name(name)
                            + "': allowed are 1 to 64 letters, digits, '.', '_' and '-', the first a letter or digit");
        }
        return name;
    }
}
