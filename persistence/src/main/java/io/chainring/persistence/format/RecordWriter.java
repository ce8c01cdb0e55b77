package io.chainring.persistence.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Writes one record into a buffer that is used again and again. Not thread-safe.
 *
 * <pre>
 *  0   u8    version of the record, 1
 *  1   u8    flags, meaning depends on the record
 *  2   u32   CRC-32C of: key, version, flags, body
 *  6   ...   body
 * </pre>
 */
public final class RecordWriter {
    /** Version of all records of format 1. */
    public static final byte VERSION = 1;

    /** Bytes before the body. */
    public static final int HEADER_BYTES = 6;

    private static final int KEEP_BYTES = 1 << 20;

    private final CRC32C crc = new CRC32C();
    private ByteBuffer buffer = ByteBuffer.allocate(1024);

    /** Begins a record. */
    public RecordWriter begin(int flags) {
        if (buffer.capacity() > KEEP_BYTES) {
            buffer = ByteBuffer.allocate(1024);
        }
        buffer.clear();
        buffer.put(VERSION).put((byte) flags).putInt(0);
        return this;
    }

    /** Appends an unsigned 16-bit number. */
    public RecordWriter u16(int value) {
        room(2).putShort((short) value);
        return this;
    }

    /** Appends a 32-bit number. */
    public RecordWriter i32(int value) {
        room(4).putInt(value);
        return this;
    }

    /** Appends a 64-bit number. */
    public RecordWriter i64(long value) {
        room(8).putLong(value);
        return this;
    }

    /**
     * Appends a text: u16 length in bytes, then UTF-8.
     *
     * @throws FormatException if it takes more than 65535 bytes
     */
    public RecordWriter text(String value) {
        if (value.isEmpty()) {
            return u16(0);
        }
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        if (utf8.length > 0xFFFF) {
            throw new FormatException(
                    "text of " + utf8.length + " bytes, at most 65535 can be stored");
        }
        u16(utf8.length);
        room(utf8.length).put(utf8);
        return this;
    }

    /** Appends bytes with a u32 length before them. */
    public RecordWriter sized(byte[] bytes) {
        i32(bytes.length);
        return raw(bytes);
    }

    /** Appends bytes as they are. */
    public RecordWriter raw(byte[] bytes) {
        room(bytes.length).put(bytes);
        return this;
    }

    /** Fills in the checksum and returns the record, to be stored under the given key. */
    public byte[] end(byte[] key) {
        byte[] record = Arrays.copyOf(buffer.array(), buffer.position());
        ByteBuffer.wrap(record).putInt(2, checksum(crc, key, record));
        return record;
    }

    static int checksum(CRC32C crc, byte[] key, byte[] record) {
        crc.reset();
        crc.update(key, 0, key.length);
        crc.update(record, 0, 2);
        crc.update(record, HEADER_BYTES, record.length - HEADER_BYTES);
        return (int) crc.getValue();
    }

    private ByteBuffer room(int bytes) {
        if (buffer.remaining() < bytes) {
            long wanted = Math.max(2L * buffer.capacity(), (long) buffer.position() + bytes);
            ByteBuffer bigger = ByteBuffer.allocate((int) Math.min(Integer.MAX_VALUE - 16, wanted));
            buffer.flip();
            bigger.put(buffer);
            buffer = bigger;
        }
        return buffer;
    }
}
