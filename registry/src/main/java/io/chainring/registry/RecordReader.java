package io.chainring.registry;

import io.chainring.registry.rules.CorruptRegistryException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Reads one stored record; whatever is wrong with it is a {@link CorruptRegistryException} that says so. */
final class RecordReader {
    private static final int HEADER_BYTES = 8;

    private final String what;
    private final ByteBuffer in;
    private final int kind;
    private final int flags;
    private final int version;

    /**
     * Checks length, version and checksum.
     *
     * @param newest version that this program knows; it knows all before it too
     */
    RecordReader(String what, byte[] record, byte newest) {
        this.what = what;
        if (record.length < HEADER_BYTES) {
            throw new CorruptRegistryException(
                    what + " of " + record.length + " bytes: its header alone has " + HEADER_BYTES);
        }
        if (record[0] < 1 || record[0] > newest) {
            throw new CorruptRegistryException(
                    "%s of version %s: this program knows versions up to %s"
                            .formatted(what, Byte.toUnsignedInt(record[0]), newest));
        }
        in = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
        if (in.getInt(RecordWriter.CRC_OFFSET) != RecordWriter.crc(record)) {
            throw new CorruptRegistryException(
                    what + " of " + record.length + " bytes fails its checksum");
        }
        version = record[0];
        kind = Byte.toUnsignedInt(record[1]);
        flags = Byte.toUnsignedInt(record[2]);
        in.position(HEADER_BYTES);
    }

    int version() {
        return version;
    }

    int kind() {
        return kind;
    }

    int flags() {
        return flags;
    }

    int u8() {
        return Byte.toUnsignedInt(need(1).get());
    }

    int u16() {
        return Short.toUnsignedInt(need(2).getShort());
    }

    int u32() {
        int value = need(4).getInt();
        if (value < 0) {
            throw wrong("a number of " + Integer.toUnsignedString(value));
        }
        return value;
    }

    /** A number that is not negative. */
    long u63() {
        long value = u64();
        if (value < 0) {
            throw wrong("a number of " + Long.toUnsignedString(value));
        }
        return value;
    }

    long u64() {
        return need(8).getLong();
    }

    UUID uuid() {
        return new UUID(u64(), u64());
    }

    String text() {
        int bytes = u16();
        ByteBuffer text = need(bytes).slice(in.position(), bytes);
        in.position(in.position() + bytes);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
        } catch (CharacterCodingException e) {
            throw wrong("a text that is not UTF-8");
        }
    }

    /** Nothing may be left. */
    void end() {
        if (in.hasRemaining()) {
            throw wrong(in.remaining() + " bytes too many");
        }
    }

    CorruptRegistryException wrong(String how) {
        return new CorruptRegistryException(what + " with " + how);
    }

    private ByteBuffer need(int bytes) {
        if (in.remaining() < bytes) {
            throw new CorruptRegistryException(what + " that ends in the middle");
        }
        return in;
    }
}
