package io.chainring.registry.name;

import org.jspecify.annotations.Nullable;

/**
 * What a guest calls a disk: a scheme and a drive letter value, which together are one name, such as vdc (vd, 2) or
 * D: (windows, 3).
 *
 * @param scheme the family of names
 * @param value the drive letter value, within the scheme's bounds
 */
public record DeviceName(NameScheme scheme, int value) implements Comparable<DeviceName> {

    /** Checks the value. */
    public DeviceName {
        if (value < scheme.lowest() || value > scheme.largest()) {
            throw new IllegalArgumentException(
                    "drive letter value %s of scheme %s: allowed are %s to %s"
                            .formatted(value, scheme.label(), scheme.lowest(), scheme.largest()));
        }
    }

    /**
     * Reads a name: vda to vdcrxp, sda to sdcrxp, xvda to xvdcrxp, or C: to Z:.
     *
     * @throws IllegalArgumentException one line that says what is allowed
     */
    public static DeviceName parse(String text) {
        DeviceName name = tryParse(text);
        if (name == null) {
            throw new IllegalArgumentException(
                    "'"
                            + Shown.text(text)
                            + "' is no device name: allowed are vda to vdcrxp, sda to sdcrxp,"
                            + " xvda to xvdcrxp, and C: to Z:");
        }
        return name;
    }

    /** Reads a name as {@link #parse}; null when it is none. */
    public static @Nullable DeviceName tryParse(String text) {
        try {
            if (text.length() == 2 && text.charAt(1) == ':') {
                return new DeviceName(NameScheme.WINDOWS, text.charAt(0) - 'A');
            }
            for (NameScheme scheme : NameScheme.values()) {
                if (scheme != NameScheme.WINDOWS && text.startsWith(scheme.label())) {
                    String letters = text.substring(scheme.label().length());
                    return new DeviceName(scheme, DriveLetterValue.of(letters));
                }
            }
            return null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** By scheme, then by value. */
    @Override
    public int compareTo(DeviceName other) {
        int byScheme = scheme.compareTo(other.scheme);
        return byScheme != 0 ? byScheme : Integer.compare(value, other.value);
    }

    /** The name as it is written: vdc, or D:. */
    @Override
    public String toString() {
        return scheme == NameScheme.WINDOWS
                ? (char) ('A' + value) + ":"
                : scheme.label() + DriveLetterValue.letters(value);
    }
}
