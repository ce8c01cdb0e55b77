package io.chainring.gateway.nbd.tls;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keys that server and clients share, by the identity that a client names; in the format of GnuTLS' psktool, a line
 * {@code NAME:HEX} each. Never changes; a new file makes a new one.
 */
final class PskKeys {
    private static final String SETTING = "psk-file";
    private static final int LEAST_KEY_BYTES = 16;
    private static final int MOST_KEY_BYTES = 64;
    private static final int MOST_NAME_BYTES = 255;

    private final Map<ByteBuffer, Entry> entries;

    /** Nobody has it: a client that names nobody fails as one with a wrong key does, and at the same place. */
    private final byte[] nobodys = new byte[32];

    private record Entry(String name, byte[] key) {}

    private PskKeys(Map<ByteBuffer, Entry> entries) {
        this.entries = Map.copyOf(entries);
        new SecureRandom().nextBytes(nobodys);
    }

    /**
     * @throws IllegalArgumentException for a file that is missing, is not what it should be, or is not kept from others; one
     *     line that names it and holds nothing of its content
     */
    static PskKeys read(Path file) {
        byte[] bytes = PemFiles.bytes(SETTING, file);
        PemFiles.refuseOthers(SETTING, file);
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    PemFiles.name(SETTING, file) + " must be text in UTF-8", e);
        }
        Map<ByteBuffer, Entry> entries = new HashMap<>();
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            if (!line.isBlank()) {
                add(entries, line.strip(), PemFiles.name(SETTING, file) + " line " + number);
            }
        }
        if (entries.isEmpty()) {
            throw new IllegalArgumentException(
                    PemFiles.name(SETTING, file) + " must hold keys, a line NAME:HEX each");
        }
        return new PskKeys(entries);
    }

    private static void add(Map<ByteBuffer, Entry> entries, String line, String where) {
        int colon = line.indexOf(':');
        String name = line.substring(0, Math.max(colon, 0));
        ByteBuffer identity = ByteBuffer.wrap(name.getBytes(StandardCharsets.UTF_8));
        if (name.isEmpty() || name.startsWith("#") || identity.remaining() > MOST_NAME_BYTES) {
            throw new IllegalArgumentException(
                    where
                            + ": NAME:HEX is expected, with a name of at most "
                            + MOST_NAME_BYTES
                            + " bytes that does not begin with #");
        }
        byte[] key = key(line.substring(colon + 1), where);
        if (entries.putIfAbsent(identity, new Entry(name, key)) != null) {
            throw new IllegalArgumentException(where + ": that name has a key already");
        }
    }

    private static byte[] key(String hex, String where) {
        byte[] key;
        try {
            key = HexFormat.of().parseHex(hex);
        } catch (IllegalArgumentException e) {
            // Without the cause: it would quote the key.
            key = new byte[0];
        }
        if (key.length < LEAST_KEY_BYTES || key.length > MOST_KEY_BYTES) {
            throw new IllegalArgumentException(
                    where
                            + ": a key of "
                            + LEAST_KEY_BYTES
                            + " to "
                            + MOST_KEY_BYTES
                            + " bytes in hexadecimal digits is expected; psktool makes them");
        }
        return key;
    }

    /** The key of an identity; of one that is unknown a key that nobody has. A copy. */
    byte[] key(byte[] identity) {
        Entry entry = entries.get(ByteBuffer.wrap(identity));
        return (entry == null ? nobodys : entry.key()).clone();
    }

    /** Null for an identity that is unknown. */
    @Nullable String name(byte[] identity) {
        Entry entry = entries.get(ByteBuffer.wrap(identity));
        return entry == null ? null : entry.name();
    }
}
