package io.chainring.persistence.engine;

import java.util.zip.CRC32C;

/**
 * The checksum of LevelDB's files: CRC-32C, turned and moved, so that a checksum of bytes that hold checksums is a good one,
 * too.
 *
 * <p>Source: doc/log_format and doc/table_format of LevelDB.
 */
final class MaskedChecksum {
    static final int DELTA = 0xa282ead8;

    private MaskedChecksum() {}

    static int of(byte[] bytes, int from, int lengthBytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, lengthBytes);
        return Integer.rotateRight((int) crc.getValue(), 15) + DELTA;
    }
}
