package io.chainring.registry;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import java.util.zip.CRC32C;

/** Writes one stored record, little-endian, that grows as needed; sealed with a checksum at its end. */
final class RecordWriter {
    /** Where the checksum stands in every record. */
    static final int CRC_OFFSET = 4;

    private static final int TEXT_LIMIT_BYTES = 0xFFFF;
    private ByteBuffer out = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);

    /** Begins with version, kind and flags, a zero, and room for the checksum. */
    RecordWriter(byte version, int kind, int flags) {
        u8(version).u8(kind).u8(flags).u8(0).u32(0);
    }

    RecordWriter u8(int value) {
        room(1).put((byte) value);
        return this;
    }

    RecordWriter u16(int value) {
        room(2).putShort((short) value);
        return this;
    }

    RecordWriter u32(int value) {
        room(4).putInt(value);
        return this;
    }

    RecordWriter u64(long value) {
        room(8).putLong(value);
        return this;
    }

    RecordWriter uuid(UUID uuid) {
        return u64(uuid.getMostSignificantBits()).u64(uuid.getLeastSignificantBits());
    }

    RecordWriter text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > TEXT_LIMIT_BYTES) {
            throw new IllegalArgumentException(
                    "a text of " + bytes.length + " bytes: at most " + TEXT_LIMIT_BYTES);
        }
        u16(bytes.length);
        room(bytes.length).put(bytes);
        return this;
    }

    byte[] sealed() {
        byte[] record = Arrays.copyOf(out.array(), out.position());
        return seal(record);
    }

    static byte[] seal(byte[] record) {
        ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN).putInt(CRC_OFFSET, crc(record));
        return record;
    }

    static int crc(byte[] record) {
        CRC32C crc = new CRC32C();
        crc.update(record, 0, CRC_OFFSET);
        crc.update(new byte[4], 0, 4);
        crc.update(record, CRC_OFFSET + 4, record.length - CRC_OFFSET - 4);
        return (int) crc.getValue();
    }

    private ByteBuffer room(int bytes) {
        if (out.remaining() < bytes) {
            int larger = Math.max(out.capacity() * 2, out.position() + bytes);
            ByteBuffer next = ByteBuffer.allocate(larger).order(ByteOrder.LITTLE_ENDIAN);
            out = next.put(out.flip());
        }
        return out;
    }
}
