package io.chainring.ring.record;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** The checks that each stored record gets: sealed before the write, opened after the read. */
final class RecordChecks {
    private RecordChecks() {}

    static byte[] seal(byte[] record, int crcOffset) {
        ByteBuffer.wrap(record)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(crcOffset, crc(record, crcOffset));
        return record;
    }

    static ByteBuffer open(
            String what, byte[] record, int headerBytes, int crcOffset, byte version) {
        if (record.length < headerBytes) {
            throw new CorruptRecordException(
                    what + " of " + record.length + " bytes: its header alone has " + headerBytes);
        }
        if (record[0] != version) {
            throw new CorruptRecordException(
                    "%s of version %s: this program knows version %s"
                            .formatted(what, Byte.toUnsignedInt(record[0]), version));
        }
        ByteBuffer in = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
        if (in.getInt(crcOffset) != crc(record, crcOffset)) {
            throw new CorruptRecordException(
                    what + " of " + record.length + " bytes fails its checksum");
        }
        return in;
    }

    private static int crc(byte[] record, int crcOffset) {
        CRC32C crc = new CRC32C();
        crc.update(record, 0, crcOffset);
        crc.update(new byte[4], 0, 4);
        crc.update(record, crcOffset + 4, record.length - crcOffset - 4);
        return (int) crc.getValue();
    }
}
