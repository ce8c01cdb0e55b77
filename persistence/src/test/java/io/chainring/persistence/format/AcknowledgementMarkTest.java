package io.chainring.persistence.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is damaged proves nothing, and is told from what was never written. */
class AcknowledgementMarkTest {
    private static final int POSITION_BYTES = 28;
    private static final int CHANGES_AT = 32;
    private static final int CHANGES_END = 44;

    @TempDir Path folder;

    private AcknowledgementMark open() throws IOException {
        return AcknowledgementMark.open(folder);
    }

    @Test
    void aNewOneIsReadable() throws IOException {
        assertFalse(open().isUnreadable());
        open().set(0, 0);
        assertFalse(open().isUnreadable());
    }

    @Test
    void everyDamagedBitIsNoticed() throws IOException {
        AcknowledgementMark mark = open();
        mark.set(7, 9);
        mark.setChanges(11);
        mark.sync();
        Path file = folder.resolve(AcknowledgementMark.FILE_NAME);
        byte[] sound = Files.readAllBytes(file);
        for (int bit = 0; bit < CHANGES_END * Byte.SIZE; bit++) {
            int at = bit / Byte.SIZE;
            if (at >= POSITION_BYTES && at < CHANGES_AT) {
                continue;
            }
            ByteBuffer damaged = ByteBuffer.wrap(sound.clone());
            damaged.put(at, (byte) (damaged.get(at) ^ (1 << (bit % Byte.SIZE))));
            Files.write(file, damaged.array());
            AcknowledgementMark read = open();
            assertTrue(read.isUnreadable(), "bit " + bit);
            assertEquals(at < POSITION_BYTES ? 11 : 0, read.changes(), "bit " + bit);
            assertEquals(at >= CHANGES_AT, read.read() != null, "bit " + bit);
        }
        Files.write(file, sound);
        assertFalse(open().isUnreadable());
        assertEquals(9, position().sequenceNr());
    }

    private AcknowledgementMark.Position position() throws IOException {
        AcknowledgementMark.Position position = open().read();
        assertNotNull(position);
        return position;
    }
}
