package io.chainring.persistence.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/** Reads one record that {@link RecordWriter} wrote; checks version, checksum and every length before use. */
public final class RecordReader {
    private final byte[] key;
    private final ByteBuffer body;
    private final int flags;

    /**
     * Checks version and checksum.
     *
     * @throws FormatException if the record is damaged or of another version
     */
    public RecordReader(byte[] key, byte[] record) {
        this.key = key;
        if (record.length < RecordWriter.HEADER_BYTES) {
            throw damaged("is cut off (" + record.length + " bytes)");
        }
        if (record[0] != RecordWriter.VERSION) {
            throw damaged(
                    "has version " + record[0] + ", this program knows " + RecordWriter.VERSION);
        }
        body = ByteBuffer.wrap(record);
        if (body.getInt(2) != RecordWriter.checksum(new CRC32C(), key, record)) {
            throw damaged("does not match its checksum");
        }
        flags = record[1] & 0xFF;
        body.position(RecordWriter.HEADER_BYTES);
    }

    /** The record's flags. */
    public int flags() {
        return flags;
    }

    /** Next unsigned 16-bit number. */
    public int u16() {
        return need(2).getShort() & 0xFFFF;
    }

    /** Next 32-bit number. */
    public int i32() {
        return need(4).getInt();
    }

    /** Next 64-bit number. */
    public long i64() {
        return need(8).getLong();
    }

    /** Next text. */
    public String text() {
        byte[] utf8 = bytes(u16());
        return utf8.length == 0 ? "" : new String(utf8, StandardCharsets.UTF_8);
    }

    /** Next bytes, with their length before them. */
    public byte[] sized() {
        return bytes(i32());
    }

    /** All bytes that are left. */
    public byte[] rest() {
        return bytes(body.remaining());
    }

    private byte[] bytes(int length) {
        ByteBuffer source = need(length);
        byte[] bytes = new byte[length];
        source.get(bytes);
        return bytes;
    }

    private ByteBuffer need(int bytes) {
        if (bytes < 0 || bytes > body.remaining()) {
            throw damaged("claims " + bytes + " bytes where " + body.remaining() + " are left");
        }
        return body;
    }

    private FormatException damaged(String how) {
        return new FormatException("record " + HexFormat.of().formatHex(key) + " " + how);
    }
}
