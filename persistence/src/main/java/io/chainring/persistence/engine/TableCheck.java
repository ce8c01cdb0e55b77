package io.chainring.persistence.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Checks the table files of a LevelDB directory. The libraries find a damaged block, too, but do not say in which file.
 *
 * <pre>
 *  table:   block ... | index block | footer, 48 bytes: v v of the meta index, v v of the index, zeros, u64 magic
 *  block:   contents | u8 compression, 0 = none | u32 masked CRC-32C of contents and compression
 *  index:   entries: v shared, v other, v value length, other bytes of key, value = v offset, v length of a block
 *           | u32 restart ... | u32 number of restarts       (v = varint, numbers little-endian)
 * </pre>
 *
 * <p>Source: doc/table_format of LevelDB.
 */
public final class TableCheck {
    private static final int FOOTER_BYTES = 48;
    private static final int TRAILER_BYTES = 5;
    private static final long MAGIC = 0xdb4775248b80fb57L;

    private final FileChannel channel;
    private final long sizeBytes;

    private TableCheck(FileChannel channel) throws IOException {
        this.channel = channel;
        this.sizeBytes = channel.size();
    }

    /** A place that does not hold what it should. */
    private static final class Damage extends Exception {
        private static final long serialVersionUID = 1L;
        private final long offsetBytes;

        Damage(long offsetBytes) {
            super("byte " + offsetBytes);
            this.offsetBytes = offsetBytes;
        }
    }

    /**
     * Checks all blocks of one table.
     *
     * @return where the first damaged block begins, or -1 if the table is whole
     */
    public static long firstDamage(Path table) {
        try (FileChannel channel = FileChannel.open(table, StandardOpenOption.READ)) {
            new TableCheck(channel).check();
            return -1;
        } catch (Damage e) {
            return e.offsetBytes;
        } catch (IOException e) {
            throw new UncheckedIOException(table + ": cannot read", e);
        }
    }

    private void check() throws IOException, Damage {
        long footerAt = Math.max(0, sizeBytes - FOOTER_BYTES);
        ByteBuffer footer = read(footerAt, sizeBytes - footerAt);
        if (footer.limit() < FOOTER_BYTES || footer.getLong(FOOTER_BYTES - 8) != MAGIC) {
            throw new Damage(footerAt);
        }
        block(varint(footer, footerAt), varint(footer, footerAt));
        long indexAt = varint(footer, footerAt);
        ByteBuffer index = block(indexAt, varint(footer, footerAt));
        if (index.get(index.limit() - 1) != 0) {
            // Compressed by another program: its own checksum is all that can be said.
            return;
        }
        int contents = index.limit() - 1;
        long entries = contents - 4L - 4L * (contents < 4 ? 0 : index.getInt(contents - 4));
        if (entries < 0 || entries > contents) {
            throw new Damage(indexAt);
        }
        index.limit((int) entries);
        while (index.hasRemaining()) {
            varint(index, indexAt);
            long keyBytes = varint(index, indexAt);
            long valueBytes = varint(index, indexAt);
            skip(index, keyBytes, valueBytes, indexAt);
            int valueAt = index.position();
            block(varint(index, indexAt), varint(index, indexAt));
            // The Java library's is longer than its two numbers.
            index.position(valueAt + (int) valueBytes);
        }
    }

    /** Moves over the bytes of a key, if those of the value are there, too. */
    private static void skip(ByteBuffer entry, long keyBytes, long valueBytes, long at)
            throws Damage {
        if (keyBytes < 0 || valueBytes < 0 || keyBytes > entry.remaining() - valueBytes) {
            throw new Damage(at);
        }
        entry.position(entry.position() + (int) keyBytes);
    }

    /** An intact block, with its compression as the last byte. */
    private ByteBuffer block(long offset, long length) throws IOException, Damage {
        if (offset < 0 || length < 0 || length > sizeBytes - TRAILER_BYTES - offset) {
            throw new Damage(Math.max(0, Math.min(offset, sizeBytes)));
        }
        ByteBuffer bytes = read(offset, length + TRAILER_BYTES);
        int checked = bytes.limit() - 4;
        if (MaskedChecksum.of(bytes.array(), 0, checked) != bytes.getInt(checked)) {
            throw new Damage(offset);
        }
        return bytes.limit(checked);
    }

    private ByteBuffer read(long offset, long length) throws IOException, Damage {
        if (length > Integer.MAX_VALUE - 8) {
            throw new Damage(offset);
        }
        return TableBytes.read(channel, offset, (int) length);
    }

    private static long varint(ByteBuffer bytes, long at) throws Damage {
        long value = TableBytes.varint(bytes);
        if (value < 0) {
            throw new Damage(at);
        }
        return value;
    }
}
