package io.chainring.registry.name;

import org.jspecify.annotations.Nullable;

/** A family of device names; each has its own drive letter values. */
public enum NameScheme {
    /** vda, vdb, ...: virtio-blk on Linux. */
    VD('V', "vd"),
    /** sda, sdb, ...: SCSI on Linux. */
    SD('S', "sd"),
    /** xvda, xvdb, ...: Xen on Linux. */
    XVD('X', "xvd"),
    /** C: to Z:; the value is the letter's place in the alphabet, A = 0, so 2 to 25. */
    WINDOWS('W', "windows");

    private static final int WINDOWS_LOWEST = 'C' - 'A';
    private static final int WINDOWS_LARGEST = 'Z' - 'A';

    private final char code;
    private final String label;

    NameScheme(char code, String label) {
        this.code = code;
        this.label = label;
    }

    /** Its letter in a drive letter identifier; also in the journal, so it never changes. */
    public char code() {
        return code;
    }

    /** Its name in settings and lookups: what the device names begin with, or windows. */
    public String label() {
        return label;
    }

    /** The smallest drive letter value. */
    public int lowest() {
        return this == WINDOWS ? WINDOWS_LOWEST : 0;
    }

    /** The largest drive letter value. */
    public int largest() {
        return this == WINDOWS ? WINDOWS_LARGEST : DriveLetterValue.LARGEST;
    }

    /** The scheme with this letter, or null. */
    public static @Nullable NameScheme ofCode(char code) {
        for (NameScheme scheme : values()) {
            if (scheme.code == code) {
                return scheme;
            }
        }
        return null;
    }

    /**
     * The scheme with this label.
     *
     * @throws IllegalArgumentException naming the choices
     */
    public static NameScheme ofLabel(String label) {
        for (NameScheme scheme : values()) {
            if (scheme.label.equals(label)) {
                return scheme;
            }
        }
        throw new IllegalArgumentException(
                "'" + Shown.text(label) + "' is no scheme of device names: vd, sd, xvd, windows");
    }
}
