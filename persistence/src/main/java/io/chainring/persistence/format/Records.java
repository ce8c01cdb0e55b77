package io.chainring.persistence.format;

import java.util.HexFormat;

/**
 * The small records: settings, numbers of names, references.
 *
 * <pre>
 *  meta, name    header | value u64
 *  reference     header | number u64 | sequence number u64 | text persistence id
 * </pre>
 */
public final class Records {
    /** Setting: version of the whole format. */
    public static final String FORMAT = "chainring-persistence-format";

    /** Setting: the next number for a persistence id or tag. */
    public static final String NEXT_NUMBER = "next-number";

    /** Setting: how many changes other than events were written. */
    public static final String CHANGES = "changes";

    /** The format that this program reads and writes. */
    public static final long FORMAT_VERSION = 1;

    private Records() {}

    /** A setting's value. */
    public static byte[] meta(RecordWriter writer, byte[] key, long value) {
        return writer.begin(0).i64(value).end(key);
    }

    /** A name's number. */
    public static byte[] name(RecordWriter writer, byte[] key, long number) {
        return writer.begin(0).i64(number).end(key);
    }

    /** Reads a setting's value or a name's number. */
    public static long value(byte[] key, byte[] record) {
        return new RecordReader(key, record).i64();
    }

    /**
     * Reads the number of a persistence id or tag.
     *
     * @throws FormatException if the record is damaged, or the number is none that was ever given
     */
    public static long number(byte[] key, byte[] record) {
        long number = value(key, record);
        if (number < 1 || number == Long.MAX_VALUE) {
            throw new FormatException(
                    "record " + HexFormat.of().formatHex(key) + " has number " + number);
        }
        return number;
    }

    /** Where a tagged event is. */
    public static byte[] reference(
            RecordWriter writer, byte[] key, long number, long sequenceNr, String persistenceId) {
        return writer.begin(0).i64(number).i64(sequenceNr).text(persistenceId).end(key);
    }
}
