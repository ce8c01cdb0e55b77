package io.chainring.persistence.engine;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The changes in one log, those of damaged records left out. How records are put into blocks is drawn in {@link LogCheck}.
 *
 * <pre>
 *  a record:  u64 number of the first change | u32 count | changes, numbered on
 *  a change:  u8 1 = set  | v length | key | v length | value
 *             u8 0 = removed | v length | key               (v = varint, numbers little-endian)
 * </pre>
 *
 * <p>Source: db/write_batch.cc of LevelDB.
 */
final class LogEntries {
    private static final int COUNT_BYTES = 12;

    private final Consumer<EntryVersion> visitor;
    private final LongConsumer damage;
    private final ByteArrayOutputStream record = new ByteArrayOutputStream();
    private boolean begun;

    private LogEntries(Consumer<EntryVersion> visitor, LongConsumer damage) {
        this.visitor = visitor;
        this.damage = damage;
    }

    /**
     * Reads one log.
     *
     * @param damage hears where something can't be read; a torn end is nothing that was acknowledged, and not heard of
     */
    static void read(Path file, Consumer<EntryVersion> visitor, LongConsumer damage)
            throws IOException {
        LogCheck.Finding finding = LogCheck.check(file);
        LogEntries entries = new LogEntries(visitor, damage);
        if (finding.verdict() == LogCheck.Verdict.DAMAGED) {
            damage.accept(finding.offsetBytes());
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer block =
                    ByteBuffer.allocate(LogCheck.BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (long start = 0; start < channel.size(); start += LogCheck.BLOCK_BYTES) {
                LogCheck.fill(channel, block, start);
                entries.readBlock(block, start);
            }
        }
    }

    private void readBlock(ByteBuffer block, long start) {
        int at = 0;
        while (at >= 0 && at + LogCheck.HEADER_BYTES <= block.limit()) {
            int length = LogCheck.intactLength(block, at);
            if (length < 0) {
                begun = false;
                at = LogCheck.nextIntact(block, at + 1);
            } else {
                piece(block, at, length, start);
                at += LogCheck.HEADER_BYTES + length;
            }
        }
    }

    private void piece(ByteBuffer block, int at, int length, long start) {
        byte type = block.get(at + 6);
        if (type == LogCheck.WHOLE || type == LogCheck.FIRST) {
            record.reset();
            begun = true;
        }
        record.write(block.array(), at + LogCheck.HEADER_BYTES, length);
        if (type == LogCheck.WHOLE || type == LogCheck.LAST) {
            List<EntryVersion> changes = begun ? changes(record.toByteArray()) : null;
            if (changes != null) {
                changes.forEach(visitor);
            } else if (begun) {
                damage.accept(start + at);
            }
            begun = false;
        }
    }

    /** Null if it is no batch of changes. */
    private static @Nullable List<EntryVersion> changes(byte[] bytes) {
        ByteBuffer batch = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (batch.limit() < COUNT_BYTES) {
            return null;
        }
        long sequence = batch.getLong();
        int count = batch.getInt();
        List<EntryVersion> found = new ArrayList<>();
        while (batch.hasRemaining()) {
            byte type = batch.get();
            byte[] key = sized(batch);
            byte[] value = type == EntryVersion.SET ? sized(batch) : null;
            boolean known =
                    type == EntryVersion.REMOVED || (type == EntryVersion.SET && value != null);
            if (key == null || !known) {
                return null;
            }
            found.add(new EntryVersion(key, sequence++, value));
        }
        return found.size() == count ? found : null;
    }

    private static byte @Nullable [] sized(ByteBuffer batch) {
        long length = TableBytes.varint(batch);
        if (length < 0 || length > batch.remaining()) {
            return null;
        }
        byte[] bytes = new byte[(int) length];
        batch.get(bytes);
        return bytes;
    }
}
