package io.chainring.persistence.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logs drawn piece by piece: what a killed writer leaves is a torn end, what is missing before something is damage. */
final class LogCheckTest {
    private static final int BLOCK_BYTES = 32768;
    private static final int HEADER_BYTES = 7;
    private static final byte WHOLE = 1;
    private static final byte FIRST = 2;
    private static final byte MIDDLE = 3;
    private static final byte LAST = 4;

    @TempDir Path directory;

    private final ByteBuffer log =
            ByteBuffer.allocate(3 * BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);

    @Test
    void piecesInTheirOrderAreClean() throws IOException {
        piece(WHOLE, 100);
        toEndOfBlock(FIRST);
        toEndOfBlock(MIDDLE);
        piece(LAST, 10);
        piece(WHOLE, 1);
        assertFound(LogCheck.Verdict.CLEAN, log.capacity());
    }

    @Test
    void recordWithoutItsLastPieceIsTornWhereItBegan() throws IOException {
        piece(WHOLE, 100);
        toEndOfBlock(FIRST);
        assertFound(LogCheck.Verdict.TORN_END, 107);
        toEndOfBlock(MIDDLE);
        assertFound(LogCheck.Verdict.TORN_END, 107);
    }

    @Test
    void tornLastPieceIsTornWhereTheRecordBegan() throws IOException {
        piece(WHOLE, 100);
        toEndOfBlock(FIRST);
        piece(LAST, 50);
        log.put(BLOCK_BYTES + 20, (byte) 1);
        assertFound(LogCheck.Verdict.TORN_END, 107);
    }

    @Test
    void nextRecordBehindAnUnfinishedOneIsDamage() throws IOException {
        toEndOfBlock(FIRST);
        piece(WHOLE, 10);
        assertFound(LogCheck.Verdict.DAMAGED, 0);
    }

    @Test
    void lastPieceWithoutItsFirstIsDamage() throws IOException {
        piece(WHOLE, 10);
        piece(LAST, 10);
        assertFound(LogCheck.Verdict.DAMAGED, 17);
    }

    @Test
    void intactRecordBehindATornOneIsDamage() throws IOException {
        piece(WHOLE, 10);
        piece(WHOLE, 10);
        log.put(10, (byte) 77);
        assertFound(LogCheck.Verdict.DAMAGED, 0);
    }

    private void piece(byte type, int lengthBytes) {
        int at = log.position();
        log.position(at + HEADER_BYTES);
        for (int i = 0; i < lengthBytes; i++) {
            log.put((byte) (i * 31 + type));
        }
        log.putShort(at + 4, (short) lengthBytes).put(at + 6, type);
        CRC32C crc = new CRC32C();
        crc.update(log.array(), at + 6, 1 + lengthBytes);
        int value = (int) crc.getValue();
        log.putInt(at, ((value >>> 15) | (value << 17)) + 0xa282ead8);
    }

    private void toEndOfBlock(byte type) {
        piece(type, BLOCK_BYTES - log.position() % BLOCK_BYTES - HEADER_BYTES);
    }

    private void assertFound(LogCheck.Verdict verdict, long offsetBytes) throws IOException {
        Path file = directory.resolve("000003.log");
        Files.write(file, log.array());
        LogCheck.Finding found = LogCheck.check(file);
        assertEquals(verdict, found.verdict());
        assertEquals(offsetBytes, found.offsetBytes());
    }
}
