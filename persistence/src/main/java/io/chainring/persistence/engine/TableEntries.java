package io.chainring.persistence.engine;

import io.chainring.persistence.engine.Salvaged.Lost;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one table, in order, those of damaged blocks left out. The format is drawn in {@link TableCheck}. Where the
 * index itself is damaged, blocks are found one behind the other by their checksums, up to the first damaged one.
 */
final class TableEntries implements Iterator<EntryVersion> {
    private static final int FOOTER_BYTES = 48;
    private static final int BLOCK_TRAILER_BYTES = 5;
    private static final long MAGIC = 0xdb4775248b80fb57L;

    /** The longest block that is looked for without an index. */
    private static final int LONGEST_BLOCK_BYTES = 64 << 20;

    private final Path file;
    private final Consumer<Lost> lost;
    private final ArrayDeque<Block> blocks = new ArrayDeque<>();
    private final ArrayDeque<EntryVersion> entries = new ArrayDeque<>();
    private byte[] last = new byte[0];

    /** Where a block is; {@code lastKey} is at least its last key, and null if that isn't known. */
    private record Block(long offset, int length, byte @Nullable [] lastKey) {}

    private record Raw(byte[] key, byte[] value) {}

    TableEntries(Path file, Consumer<Lost> lost) throws IOException {
        this.file = file;
        this.lost = lost;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            List<Block> index = index(channel);
            if (index == null) {
                withoutIndex(channel);
            } else {
                blocks.addAll(index);
            }
        }
    }

    @Override
    public boolean hasNext() {
        while (entries.isEmpty() && !blocks.isEmpty()) {
            readBlock(blocks.remove());
        }
        return !entries.isEmpty();
    }

    @Override
    public EntryVersion next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return entries.remove();
    }

    private void readBlock(Block block) {
        List<Raw> raw;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            raw = entries(contents(channel, block.offset, block.length));
        } catch (IOException e) {
            throw Salvaged.unreadable(file, e);
        }
        byte[] high = block.lastKey;
        if (raw == null || raw.stream().anyMatch(each -> !isVersion(each))) {
            lost.accept(new Lost(file, block.offset, last, high));
        } else {
            raw.forEach(each -> entries.add(version(each)));
        }
        if (high != null) {
            last = high;
        } else if (!entries.isEmpty()) {
            last = entries.getLast().key();
        }
    }

    private static boolean isVersion(Raw raw) {
        int type = raw.key.length < EntryVersion.TRAILER_BYTES ? -1 : raw.key[raw.key.length - 8];
        return type == EntryVersion.SET || type == EntryVersion.REMOVED;
    }

    private static EntryVersion version(Raw raw) {
        int length = raw.key.length - EntryVersion.TRAILER_BYTES;
        long trailer = ByteBuffer.wrap(raw.key).order(ByteOrder.LITTLE_ENDIAN).getLong(length);
        return new EntryVersion(
                Arrays.copyOf(raw.key, length),
                trailer >>> 8,
                (trailer & 0xFF) == EntryVersion.SET ? raw.value : null);
    }

    /** The blocks that the index names, or null if it can't be read. */
    private @Nullable List<Block> index(FileChannel channel) throws IOException {
        ByteBuffer footer = bytes(channel, channel.size() - FOOTER_BYTES, FOOTER_BYTES);
        if (footer == null || footer.getLong(FOOTER_BYTES - 8) != MAGIC) {
            return null;
        }
        TableBytes.varint(footer);
        TableBytes.varint(footer);
        List<Raw> index =
                entries(contents(channel, TableBytes.varint(footer), TableBytes.varint(footer)));
        if (index == null) {
            return null;
        }
        List<Block> found = new ArrayList<>();
        for (Raw each : index) {
            ByteBuffer place = ByteBuffer.wrap(each.value);
            long offset = TableBytes.varint(place);
            long length = TableBytes.varint(place);
            if (offset < 0
                    || length < 0
                    || length > channel.size() - offset
                    || each.key.length < EntryVersion.TRAILER_BYTES) {
                return null;
            }
            byte[] key = Arrays.copyOf(each.key, each.key.length - EntryVersion.TRAILER_BYTES);
            found.add(new Block(offset, (int) length, key));
        }
        return found;
    }

    /** Looks for blocks from the beginning on. */
    private void withoutIndex(FileChannel channel) throws IOException {
        int size = (int) Math.min(channel.size(), LONGEST_BLOCK_BYTES);
        long offset = 0;
        int length = 0;
        boolean isData = true;
        boolean complete = false;
        while (isData && length >= 0) {
            ByteBuffer rest = bytes(channel, offset, (int) Math.min(size, channel.size() - offset));
            length = rest == null ? -1 : lengthOfBlock(rest);
            List<Raw> raw = length < 0 ? null : entries(contents(channel, offset, length));
            isData =
                    raw != null && !raw.isEmpty() && raw.stream().allMatch(TableEntries::isVersion);
            if (isData) {
                blocks.add(new Block(offset, length, null));
                offset += length + BLOCK_TRAILER_BYTES;
            }
            // What follows the last block of entries is one without any, of the meta index.
            complete = raw != null && raw.isEmpty();
        }
        if (!complete) {
            // Told behind the others, because it can't be read.
            blocks.add(new Block(offset, 0, null));
        }
    }

    /** Length of the block at the beginning, or -1. */
    private static int lengthOfBlock(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        for (int at = 0; at + BLOCK_TRAILER_BYTES <= bytes.limit(); at++) {
            crc.update(bytes.get(at));
            int masked = Integer.rotateRight((int) crc.getValue(), 15) + MaskedChecksum.DELTA;
            if (bytes.get(at) == 0 && masked == bytes.getInt(at + 1)) {
                return at;
            }
        }
        return -1;
    }

    /** The contents of an intact block that isn't compressed, or null. */
    private static @Nullable ByteBuffer contents(FileChannel channel, long offset, long length)
            throws IOException {
        if (length < 0 || length > Integer.MAX_VALUE - 64) {
            return null;
        }
        int size = (int) length;
        ByteBuffer block = bytes(channel, offset, size + BLOCK_TRAILER_BYTES);
        boolean intact =
                block != null
                        && block.get(size) == 0
                        && MaskedChecksum.of(block.array(), 0, size + 1) == block.getInt(size + 1);
        return intact && block != null ? block.limit(size) : null;
    }

    private static @Nullable List<Raw> entries(@Nullable ByteBuffer block) {
        if (block == null || block.limit() < 4) {
            return null;
        }
        long end = block.limit() - 4L - 4L * block.getInt(block.limit() - 4);
        if (end < 0 || end > block.limit()) {
            return null;
        }
        block.limit((int) end);
        List<Raw> found = new ArrayList<>();
        byte[] key = new byte[0];
        while (block.hasRemaining()) {
            long shared = TableBytes.varint(block);
            long other = TableBytes.varint(block);
            long valueBytes = TableBytes.varint(block);
            if (shared < 0
                    || other < 0
                    || valueBytes < 0
                    || shared > key.length
                    || other + valueBytes > block.remaining()) {
                return null;
            }
            key = Arrays.copyOf(key, (int) (shared + other));
            block.get(key, (int) shared, (int) other);
            byte[] value = new byte[(int) valueBytes];
            block.get(value);
            found.add(new Raw(key.clone(), value));
        }
        return found;
    }

    private static @Nullable ByteBuffer bytes(FileChannel channel, long offset, int length)
            throws IOException {
        if (offset < 0 || length < 0 || length > channel.size() - offset) {
            return null;
        }
        ByteBuffer bytes = TableBytes.read(channel, offset, length);
        return bytes.limit() < length ? null : bytes;
    }
}
