package io.chainring.persistence.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.persistence.engine.LogCheck.Finding;
import io.chainring.persistence.engine.LogCheck.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one log lacks shows only in the numbers of the next one. */
class LogChangesTest {
    private static final byte WHOLE = 1;
    private static final int LOG = 2;
    private static final int LAST_SEQUENCE = 4;

    @TempDir Path directory;

    /** Changes 1 to 10 are in tables, and those from log 3 on are not. */
    @BeforeEach
    void aManifest() throws IOException {
        Files.writeString(directory.resolve("CURRENT"), "MANIFEST-000002\n");
        write("MANIFEST-000002", record(new byte[] {LOG, 3, LAST_SEQUENCE, 10}));
    }

    @Test
    void aLogGoesOnWhereTheOneBeforeEnded() throws IOException {
        write("000003.log", batch(11, 2), batch(13, 4));
        write("000005.log", batch(17, 1));
        assertEquals(List.of(Verdict.CLEAN, Verdict.CLEAN), verdicts());
    }

    @Test
    void aGapIsTheLostEndOfTheOneBefore() throws IOException {
        long lengthBytes = write("000003.log", batch(11, 2));
        write("000005.log", batch(17, 1));
        List<Finding> found = LogCheck.checkDirectory(directory);
        assertEquals(List.of(Verdict.DAMAGED, Verdict.CLEAN), verdicts());
        assertEquals(lengthBytes, found.get(0).offsetBytes());
    }

    @Test
    void aLogOfWhichNothingIsLeftWasNotEmpty() throws IOException {
        write("000003.log");
        write("000005.log", batch(17, 1));
        assertEquals(List.of(Verdict.DAMAGED, Verdict.CLEAN), verdicts());
    }

    @Test
    void whatIsMissingBeforeTheFirstOneIsItsOwnDamage() throws IOException {
        write("000003.log", batch(12, 1));
        assertEquals(List.of(Verdict.DAMAGED), verdicts());
    }

    @Test
    void anEmptyLogAtTheEndIsTheNewOne() throws IOException {
        write("000003.log", batch(11, 1));
        write("000005.log");
        assertEquals(List.of(Verdict.CLEAN, Verdict.CLEAN), verdicts());
    }

    @Test
    void whatTablesHoldMayBeWrittenTwice() throws IOException {
        write("000001.log", batch(2, 1));
        write("000003.log", batch(9, 2));
        write("000005.log", batch(11, 1));
        assertEquals(List.of(Verdict.CLEAN, Verdict.CLEAN, Verdict.CLEAN), verdicts());
    }

    private List<Verdict> verdicts() {
        return LogCheck.checkDirectory(directory).stream().map(Finding::verdict).toList();
    }

    private static byte[] batch(long first, int count) {
        ByteBuffer data = ByteBuffer.allocate(12 + 20).order(ByteOrder.LITTLE_ENDIAN);
        return record(data.putLong(first).putInt(count).array());
    }

    private static byte[] record(byte[] data) {
        ByteBuffer record = ByteBuffer.allocate(7 + data.length).order(ByteOrder.LITTLE_ENDIAN);
        record.putInt(0).putShort((short) data.length).put(WHOLE).put(data);
        CRC32C crc = new CRC32C();
        crc.update(record.array(), 6, 1 + data.length);
        int value = (int) crc.getValue();
        return record.putInt(0, ((value >>> 15) | (value << 17)) + 0xa282ead8).array();
    }

    private long write(String name, byte[]... records) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] each : records) {
            all.writeBytes(each);
        }
        Files.write(directory.resolve(name), all.toByteArray());
        return all.size();
    }
}
