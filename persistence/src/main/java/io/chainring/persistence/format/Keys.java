package io.chainring.persistence.format;

import io.chainring.base.text.Printable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The key space, format version 1. Numbers are big-endian, so that byte order is number order.
 *
 * <pre>
 *  byte 0   rest                                              value
 *  ------   -----------------------------------------------   ------------------------------
 *   0x01    name of a setting, UTF-8                           {@link Records#meta}
 *   0x02    persistence id, UTF-8                              {@link Records#name}: its number
 *   0x03    number u64                                         {@link CounterRecord}
 *   0x04    number u64 | sequence number u64                   {@link EventRecord}
 *   0x05    tag, UTF-8                                         {@link Records#name}: its number
 *   0x06    tag number u64 | offset u64                        {@link Records#reference}: number, sequence number
 *   0x07    number u64 | sequence number u64 | time ms u64     {@link SnapshotRecord}
 *   0x08    number u64 | sequence number u64 | time ms u64 | part u32    a piece of a large snapshot
 * </pre>
 *
 * <p>Numbers of persistence ids and tags come from one counter, begin with 1 and are never used again.
 */
public final class Keys {
    /** Settings of the database itself. */
    public static final byte META = 0x01;

    /** Persistence ids. */
    public static final byte NAME = 0x02;

    /** Highest and deleted sequence numbers. */
    public static final byte COUNTER = 0x03;

    /** Events. */
    public static final byte EVENT = 0x04;

    /** Tags. */
    public static final byte TAG_NAME = 0x05;

    /** Tagged events, by tag and offset. */
    public static final byte TAG = 0x06;

    /** Snapshots. */
    public static final byte SNAPSHOT = 0x07;

    /** Pieces of large snapshots. */
    public static final byte SNAPSHOT_PART = 0x08;

    private Keys() {}

    /** Key of a setting of the database. */
    public static byte[] meta(String name) {
        return text(META, name);
    }

    /**
     * Key of a persistence id's number.
     *
     * @throws IllegalArgumentException if it has half of a character
     */
    public static byte[] name(String persistenceId) {
        return text(NAME, persistenceId);
    }

    /**
     * Key of a tag's number.
     *
     * @throws IllegalArgumentException if it has half of a character
     */
    public static byte[] tagName(String tag) {
        return text(TAG_NAME, tag);
    }

    /** Key of a persistence id's counters. */
    public static byte[] counter(long number) {
        return ByteBuffer.allocate(9).put(COUNTER).putLong(number).array();
    }

    /** Key of an event. */
    public static byte[] event(long number, long sequenceNr) {
        return pair(EVENT, number, sequenceNr);
    }

    /** Key of a tagged event. */
    public static byte[] tag(long tagNumber, long offset) {
        return pair(TAG, tagNumber, offset);
    }

    /** Key of a snapshot. */
    public static byte[] snapshot(long number, long sequenceNr, long timestampMillis) {
        return ByteBuffer.allocate(25)
                .put(SNAPSHOT)
                .putLong(number)
                .putLong(sequenceNr)
                .putLong(timestampMillis)
                .array();
    }

    /** Key of a piece of a snapshot. */
    public static byte[] snapshotPart(
            long number, long sequenceNr, long timestampMillis, int part) {
        return ByteBuffer.allocate(29)
                .put(SNAPSHOT_PART)
                .putLong(number)
                .putLong(sequenceNr)
                .putLong(timestampMillis)
                .putInt(part)
                .array();
    }

    /** Smallest key of a kind. */
    public static byte[] first(byte kind) {
        return new byte[] {kind};
    }

    /** The key just above all keys of a kind. */
    public static byte[] above(byte kind) {
        return new byte[] {(byte) (kind + 1)};
    }

    /** Smallest key of a kind and number. */
    public static byte[] first(byte kind, long number) {
        return ByteBuffer.allocate(9).put(kind).putLong(number).array();
    }

    /** The key just above all keys of a kind and number. */
    public static byte[] above(byte kind, long number) {
        return first(kind, number + 1);
    }

    /**
     * The u64 at a place of a key.
     *
     * @throws FormatException if the key is too short to be one of ours
     */
    public static long longAt(byte[] key, int offsetBytes) {
        if (key.length < offsetBytes + Long.BYTES) {
            throw new FormatException("key " + HexFormat.of().formatHex(key) + " is cut off");
        }
        return ByteBuffer.wrap(key).getLong(offsetBytes);
    }

    /**
     * The sequence number or offset at a place of a key.
     *
     * @throws FormatException if the key is too short to be one of ours, or the number is none that was ever given
     */
    public static long positionAt(byte[] key, int offsetBytes) {
        long position = longAt(key, offsetBytes);
        if (position < 1 || position == Long.MAX_VALUE) {
            throw new FormatException(
                    "key " + HexFormat.of().formatHex(key) + " has number " + position);
        }
        return position;
    }

    /**
     * Looks whether a key has the shape of its kind.
     *
     * @throws FormatException if this program cannot have written it
     */
    public static void check(byte[] key) {
        int lengthBytes =
                switch (key[0]) {
                    case COUNTER -> 9;
                    case EVENT, TAG -> 17;
                    case SNAPSHOT -> 25;
                    case SNAPSHOT_PART -> 29;
                    default -> key.length;
                };
        if (key.length != lengthBytes) {
            throw new FormatException(
                    "key " + HexFormat.of().formatHex(key) + " is not " + lengthBytes + " bytes");
        }
        if (key[0] == EVENT || key[0] == TAG) {
            positionAt(key, 9);
        }
    }

    /** The text behind a key's first byte. */
    public static String textOf(byte[] key) {
        return new String(key, 1, key.length - 1, StandardCharsets.UTF_8);
    }

    private static byte[] pair(byte kind, long high, long low) {
        byte[] key = new byte[17];
        key[0] = kind;
        putLong(key, 1, high);
        putLong(key, 9, low);
        return key;
    }

    private static void putLong(byte[] key, int offsetBytes, long value) {
        for (int i = 0; i < Long.BYTES; i++) {
            key[offsetBytes + i] = (byte) (value >>> (56 - 8 * i));
        }
    }

    /**
     * Whether a text can be stored and comes back as it was: a surrogate without its other half is no character and has no
     * UTF-8; all of them would become one.
     */
    public static boolean isText(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (!Character.isSurrogatePair(
                        text.charAt(i), i + 1 < text.length() ? text.charAt(i + 1) : 0)) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    private static byte[] text(byte kind, String text) {
        if (!isText(text)) {
            throw new IllegalArgumentException(
                    "a persistence id or tag has half of a character (a lone surrogate): "
                            + Printable.name(text));
        }
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        byte[] key = Arrays.copyOf(new byte[] {kind}, 1 + utf8.length);
        System.arraycopy(utf8, 0, key, 1, utf8.length);
        return key;
    }
}
