package io.chainring.persistence.format;

import io.chainring.base.files.PrivateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongPredicate;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Remembers, beside the database, the last event that was acknowledged, and the last of the other changes: snapshots,
 * deletions, names.
 *
 * <p>LevelDB takes a log that ends too early for the ordinary end of a log: an acknowledged tail that is lost would go
 * unnoticed. This file notices: it is a memory-mapped page, written after each acknowledged batch for the price of a
 * few stores, and read when the database is opened. The database writes in order, so if this event is there, every
 * earlier one is. The other changes are counted, and the count is stored with each ({@link Records#CHANGES}).
 *
 * <pre>
 *  file ACKNOWLEDGED, 4096 bytes, big-endian
 *  0   u64   magic, "CHRNGACK"
 *  8   u64   number of the persistence id, 0 = nothing acknowledged
 *  16  u64   sequence number
 *  24  u32   CRC-32C of bytes 0..23
 *  32  u64   number of the last other change, 0 = none acknowledged
 *  40  u32   CRC-32C of bytes 32..39
 * </pre>
 *
 * <p>After the death of the process the page is as new as the database. After a power loss it may be older (then it
 * proves less) or torn (then it is ignored); newer than the database means that acknowledged events are lost.
 */
public final class AcknowledgementMark {
    /** Name of the file. */
    public static final String FILE_NAME = "ACKNOWLEDGED";

    private static final int FILE_BYTES = 4096;
    private static final int BODY_BYTES = 24;
    private static final int CHANGES_AT = 32;
    private static final int CHANGES_CHECKSUM_AT = CHANGES_AT + Long.BYTES;
    private static final long MAGIC = 0x4348524E4741434BL;

    private final MappedByteBuffer page;
    private final CRC32C crc = new CRC32C();
    private final byte[] body = new byte[BODY_BYTES];
    private final CRC32C changesCrc = new CRC32C();
    private final byte[] changesBody = new byte[Long.BYTES];

    private AcknowledgementMark(MappedByteBuffer page) {
        this.page = page;
    }

    /**
     * What was acknowledged last.
     *
     * @param number number of the persistence id
     * @param sequenceNr sequence number of the event
     */
    public record Position(long number, long sequenceNr) {}

    /** Opens the mark of a directory, and creates it if there is none. */
    public static AcknowledgementMark open(Path directory) throws IOException {
        Path file = directory.resolve(FILE_NAME);
        try (FileChannel channel = PrivateFiles.openOrCreate(file)) {
            // Written as it is: in a sparse copy the page is a hole, and there may be no room for
            // it once it is mapped.
            ByteBuffer page = ByteBuffer.allocate(FILE_BYTES);
            int read = 0;
            while (page.hasRemaining() && read >= 0) {
                read = channel.read(page, page.position());
            }
            page.clear();
            while (page.hasRemaining()) {
                channel.write(page, page.position());
            }
            return new AcknowledgementMark(
                    channel.map(FileChannel.MapMode.READ_WRITE, 0, FILE_BYTES));
        }
    }

    /** The position in the mark of a directory that may have none, which stays so. */
    public static @Nullable Position of(Path directory) throws IOException {
        return Files.exists(directory.resolve(FILE_NAME)) ? open(directory).read() : null;
    }

    /** The position, or null if there is none that can be trusted. */
    public @Nullable Position read() {
        page.get(0, body);
        long number = page.getLong(8);
        if (page.getLong(0) != MAGIC || number == 0 || page.getInt(BODY_BYTES) != checksum()) {
            return null;
        }
        return new Position(number, page.getLong(16));
    }

    /**
     * Whether something is written there that can't be trusted, in the position or in the changes: it was damaged, or being
     * written when the process or the machine died.
     */
    public boolean isUnreadable() {
        page.get(0, body);
        boolean position =
                hasContent(0, BODY_BYTES + Integer.BYTES)
                        && (page.getLong(0) != MAGIC || page.getInt(BODY_BYTES) != checksum());
        boolean changes =
                hasContent(CHANGES_AT, Long.BYTES + Integer.BYTES)
                        && page.getInt(CHANGES_CHECKSUM_AT) != changesChecksum();
        return position || changes;
    }

    private boolean hasContent(int at, int bytes) {
        for (int i = 0; i < bytes; i++) {
            if (page.get(at + i) != 0) {
                return true;
            }
        }
        return false;
    }

    /** Sets the position; number 0 clears it. Calls must not overlap. */
    public void set(long number, long sequenceNr) {
        page.putLong(0, MAGIC);
        page.putLong(8, number);
        page.putLong(16, sequenceNr);
        page.get(0, body);
        page.putInt(BODY_BYTES, checksum());
    }

    /** The last change that is no event; 0 if there is none, or none that can be trusted. */
    public long changes() {
        return page.getInt(CHANGES_CHECKSUM_AT) == changesChecksum() ? page.getLong(CHANGES_AT) : 0;
    }

    /** Sets the last change that is no event. Calls must not overlap, but with {@link #set} they may. */
    public void setChanges(long changes) {
        page.putLong(CHANGES_AT, changes);
        page.putInt(CHANGES_CHECKSUM_AT, changesChecksum());
    }

    private int changesChecksum() {
        page.get(CHANGES_AT, changesBody);
        changesCrc.reset();
        changesCrc.update(changesBody, 0, Long.BYTES);
        return (int) changesCrc.getValue();
    }

    /** Has the position on stable storage, so that after a power loss there is no older one than this. */
    public void sync() {
        page.force();
    }

    /**
     * Clears the position if it is about such a number: what it speaks of is going to be removed. On stable storage there may
     * be a position that speaks of it until the next {@link #sync}, this one or an older one.
     */
    public void clearIf(LongPredicate numbers) {
        if (numbers.test(page.getLong(8))) {
            set(0, 0);
        }
    }

    private int checksum() {
        crc.reset();
        crc.update(body, 0, BODY_BYTES);
        return (int) crc.getValue();
    }
}
