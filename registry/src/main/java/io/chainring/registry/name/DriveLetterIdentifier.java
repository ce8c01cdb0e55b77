package io.chainring.registry.name;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The drive letter identifier that a disk carries into a guest: which name the disk was given, for the how manyth time
 * the name was given, and to whom. It fits the serial of virtio-blk (VIRTIO_BLK_T_GET_ID, 20 bytes), and all of it is
 * digits and capital letters, which udev does not escape.
 *
 * <pre>
 *   0      1      2..5          6..10           11..18                        19
 *  'C'   scheme   value (4)    generation (5)   digest of the UUID (8)        check
 *        V S X W  base 36,     base 36,         first 41 bits of SHA-256      ISO/IEC 7064,
 *                 0000..1EKF   00001..ZZZZZ     of the UUID's 16 bytes        MOD 37,36
 *                                               (big-endian), in base 36      over 0..18
 *
 *  C V 0 0 0 2 0 0 0 0 1 ........ .      vdc, given for the first time
 * </pre>
 *
 * The first letter is the version of the format. Numbers are padded with '0' on the left; nothing may be written in two
 * ways. The digest tells disks apart, it does not authenticate: who may choose a serial may copy one.
 *
 * @param name the device name
 * @param generation how many times the name has been given to a disk, this time included: 1 to
 *     {@link #LARGEST_GENERATION}
 * @param digest the first 41 bits of the UUID's SHA-256
 */
public record DriveLetterIdentifier(DeviceName name, int generation, long digest) {
    /** Characters of an identifier. */
    public static final int LENGTH = 20;

    /** The largest generation, ZZZZZ. */
    public static final int LARGEST_GENERATION = 60_466_175;

    private static final char VERSION = 'C';
    private static final int BASE = 36;
    private static final int VALUE_AT = 2;
    private static final int GENERATION_AT = 6;
    private static final int DIGEST_AT = 11;
    private static final int CHECK_AT = 19;
    private static final int DIGEST_BITS = 41;

    /** Checks generation and digest. */
    public DriveLetterIdentifier {
        if (generation < 1 || generation > LARGEST_GENERATION) {
            throw new IllegalArgumentException(
                    "generation " + generation + ": allowed are 1 to " + LARGEST_GENERATION);
        }
        if (digest < 0 || digest >>> DIGEST_BITS != 0) {
            throw new IllegalArgumentException(
                    "digest " + digest + " has more than " + DIGEST_BITS + " bits");
        }
    }

    /** The identifier of a disk that holds a name in a generation of it. */
    public static DriveLetterIdentifier of(DeviceName name, int generation, UUID uuid) {
        return new DriveLetterIdentifier(name, generation, digestOf(uuid));
    }

    /** The first 41 bits of the SHA-256 of a UUID's 16 bytes, most significant first. */
    public static long digestOf(UUID uuid) {
        ByteBuffer bytes = ByteBuffer.allocate(16);
        bytes.putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits());
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes.array());
            return ByteBuffer.wrap(hash).getLong() >>> (Long.SIZE - DIGEST_BITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** True when the identifier was made for a disk with this UUID. */
    public boolean isOf(UUID uuid) {
        return digest == digestOf(uuid);
    }

    /**
     * Reads an identifier.
     *
     * @throws IllegalArgumentException one line that says what is wrong; a wrong check character comes before anything
     *     that it covers
     */
    public static DriveLetterIdentifier parse(String text) {
        if (text.length() != LENGTH) {
            throw refused(text, "it has " + text.length() + " characters, not " + LENGTH);
        }
        char check;
        try {
            check = CheckCharacter.of(text.substring(0, CHECK_AT));
        } catch (IllegalArgumentException e) {
            throw refused(text, String.valueOf(e.getMessage()));
        }
        if (text.charAt(CHECK_AT) != check) {
            throw refused(text, "its check character is wrong");
        }
        if (text.charAt(0) != VERSION) {
            throw refused(text, "format " + text.charAt(0) + " is unknown, this one is " + VERSION);
        }
        NameScheme scheme = NameScheme.ofCode(text.charAt(1));
        if (scheme == null) {
            throw refused(text, "scheme " + text.charAt(1) + " is unknown");
        }
        try {
            return new DriveLetterIdentifier(
                    new DeviceName(scheme, (int) number(text, VALUE_AT, GENERATION_AT)),
                    (int) number(text, GENERATION_AT, DIGEST_AT),
                    number(text, DIGEST_AT, CHECK_AT));
        } catch (IllegalArgumentException e) {
            throw refused(text, String.valueOf(e.getMessage()));
        }
    }

    /** Reads an identifier as {@link #parse}; null when it is none. */
    public static @Nullable DriveLetterIdentifier tryParse(String text) {
        if (text.length() != LENGTH || text.charAt(0) != VERSION) {
            return null;
        }
        try {
            return parse(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static long number(String text, int from, int to) {
        return Long.parseLong(text.substring(from, to), BASE);
    }

    private static IllegalArgumentException refused(String text, String why) {
        return new IllegalArgumentException("identifier '" + Shown.text(text) + "': " + why);
    }

    /** The 20 characters. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(LENGTH).append(VERSION).append(name.scheme().code());
        append(text, name.value(), GENERATION_AT - VALUE_AT);
        append(text, generation, DIGEST_AT - GENERATION_AT);
        append(text, digest, CHECK_AT - DIGEST_AT);
        return text.append(CheckCharacter.of(text)).toString();
    }

    private static void append(StringBuilder text, long number, int width) {
        String digits = Long.toString(number, BASE).toUpperCase(Locale.ROOT);
        text.append("0".repeat(width - digits.length())).append(digits);
    }
}
