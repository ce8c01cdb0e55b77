package io.chainring.persistence.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
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

    /** LevelDB names the log of a new database, and the power fails: was it there once, or never? */
    @Test
    void logThatNeverCameIsNotMissed() throws IOException {
        Path journal = directory.resolve("journal");
        Engines.open(Engines.Kind.LEVELDBJNI, journal, EngineOptions.DEFAULT).close();
        String current = Files.readString(journal.resolve("CURRENT")).strip();
        Path manifest = journal.resolve(current);
        long number = ManifestSizes.logs(journal, manifest).logNumber();
        assertNull(LogCheck.missingLog(journal, manifest));

        Path named = journal.resolve(String.format(Locale.ROOT, "%06d.log", number));
        Files.delete(named);
        assertEquals(named.getFileName().toString(), LogCheck.missingLog(journal, manifest));
        Path before = journal.resolve(String.format(Locale.ROOT, "%06d.log", number - 1));
        Files.createFile(before);
        assertNull(LogCheck.missingLog(journal, manifest));
        Files.createFile(journal.resolve(String.format(Locale.ROOT, "%06d.sst", number + 1)));
        assertEquals(named.getFileName().toString(), LogCheck.missingLog(journal, manifest));
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

    @Test
    void intactRecordBehindAPlaceThatWasNotWrittenIsDamage() throws IOException {
        piece(WHOLE, 100);
        int lost = log.position();
        piece(WHOLE, 5000);
        piece(WHOLE, 10);
        zeros(lost, lost + 4096);
        assertFound(LogCheck.Verdict.DAMAGED, 107);
    }

    @Test
    void intactRecordBehindABlockThatWasNotWrittenIsDamage() throws IOException {
        piece(WHOLE, 100);
        toEndOfBlock(WHOLE);
        toEndOfBlock(WHOLE);
        piece(WHOLE, 10);
        zeros(107, 2 * BLOCK_BYTES);
        assertFound(LogCheck.Verdict.DAMAGED, 107);
    }

    @Test
    void recordThatBeginsBehindATornOneIsDamage() throws IOException {
        toEndOfBlock(FIRST);
        toEndOfBlock(MIDDLE);
        piece(LAST, 10);
        piece(WHOLE, 10);
        zeros(100, 200);
        assertFound(LogCheck.Verdict.DAMAGED, 0);
    }

    /** A power loss keeps any pages of the record that was being written. */
    @Test
    void laterPiecesOfTheOneRecordThatWasBeingWrittenAreATornEnd() throws IOException {
        piece(WHOLE, 100);
        toEndOfBlock(FIRST);
        toEndOfBlock(MIDDLE);
        piece(LAST, 10);
        byte[] whole = log.array().clone();
        zeros(107, 4096);
        assertFound(LogCheck.Verdict.TORN_END, 107);
        log.put(0, whole);
        log.put(BLOCK_BYTES + 5000, (byte) 1);
        assertFound(LogCheck.Verdict.TORN_END, 107);
        log.put(0, whole);
        zeros(BLOCK_BYTES, 2 * BLOCK_BYTES);
        assertFound(LogCheck.Verdict.TORN_END, 107);
    }

    private void zeros(int from, int to) {
        Arrays.fill(log.array(), from, to, (byte) 0);
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
