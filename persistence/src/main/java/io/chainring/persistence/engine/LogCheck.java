package io.chainring.persistence.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Checks the write-ahead logs of a LevelDB directory before it is opened.
 *
 * <p>The libraries cannot tell two kinds of damage apart: the torn end that a killed writer leaves (harmless: it was never
 * acknowledged) and damage before intact records (acknowledged events are lost). The native library refuses both or
 * skips both, the Java one skips both. So it is decided here: damage with an intact record somewhere behind it is
 * damage, the rest is a torn end.
 *
 * <pre>
 *  a log is a sequence of 32768-byte blocks; a record never crosses the end of a block:
 *  0  u32 little-endian  masked CRC-32C of type and data
 *  4  u16 little-endian  length of data
 *  6  u8                 type: 1 whole, 2 first, 3 middle, 4 last; 0 with length 0 = not written yet
 *  7  ...                data
 *  fewer than 7 bytes at the end of a block are filled with zeros
 * </pre>
 *
 * <p>Source: doc/log_format of LevelDB.
 */
public final class LogCheck {
    private static final int BLOCK_BYTES = 32768;
    private static final int HEADER_BYTES = 7;
    private static final byte WHOLE = 1;
    private static final byte FIRST = 2;
    private static final byte LAST = 4;

    private LogCheck() {}

    /** What was found; the worst of all logs counts. */
    public enum Verdict {
        /** Every record is intact. */
        CLEAN,
        /** The last thing written is incomplete, or lacks its last piece; nothing follows it. */
        TORN_END,
        /** A record is damaged and intact ones follow it. */
        DAMAGED
    }

    /**
     * The finding about one log.
     *
     * @param file the log
     * @param verdict what was found
     * @param offsetBytes where the first bad record begins; the length of the log if there is none
     * @param records intact pieces of records
     */
    public record Finding(Path file, Verdict verdict, long offsetBytes, long records) {}

    /** Checks all logs of a directory, oldest first. */
    public static List<Finding> checkDirectory(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(
                            file ->
                                    file.getFileName()
                                            .toString()
                                            .toLowerCase(Locale.ROOT)
                                            .matches("[0-9]+\\.log"))
                    .sorted()
                    .map(LogCheck::check)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(directory + ": cannot list", e);
        }
    }

    /** The first damaged log, or null. */
    public static @Nullable Finding firstDamaged(List<Finding> findings) {
        return findings.stream()
                .filter(f -> f.verdict() == Verdict.DAMAGED)
                .findFirst()
                .orElse(null);
    }

    /**
     * Finds the log that a MANIFEST names where it is not there. LevelDB removes a log only after a MANIFEST that names the
     * next one is on disk: either the log is lost, or the end of the MANIFEST is. An opening would take the tables of that
     * end for left-overs and remove them.
     *
     * @param manifest the file that CURRENT names
     * @return its name, or null if it is there
     */
    public static @Nullable String missingLog(Path directory, Path manifest) throws IOException {
        long number = ManifestSizes.logNumber(directory, manifest);
        String name = String.format(Locale.ROOT, "%06d.log", number);
        return number == 0 || Files.exists(directory.resolve(name)) ? null : name;
    }

    /** Checks one log. */
    public static Finding check(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return new Walk(file).over(channel);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot read", e);
        }
    }

    /** One walk over the pieces of a log. A record longer than the rest of its block has several. */
    private static final class Walk {
        private final Path file;
        private final ByteBuffer block =
                ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        private long pieces;
        private long badAt = -1;

        /** Where the record began whose last piece is still to come. */
        private long unfinishedAt = -1;

        Walk(Path file) {
            this.file = file;
        }

        Finding over(FileChannel channel) throws IOException {
            for (long start = 0; start < channel.size(); start += BLOCK_BYTES) {
                fill(channel, block, start);
                if (!soundSoFar(start)) {
                    return new Finding(file, Verdict.DAMAGED, badAt, pieces);
                }
            }
            long tornAt = unfinishedAt >= 0 ? unfinishedAt : badAt;
            return tornAt < 0
                    ? new Finding(file, Verdict.CLEAN, channel.size(), pieces)
                    : new Finding(file, Verdict.TORN_END, tornAt, pieces);
        }

        /** Walks over one block; false when something intact follows something that is not. */
        private boolean soundSoFar(long start) {
            int at = 0;
            while (at >= 0 && at + HEADER_BYTES <= block.limit() && !unwritten(block, at)) {
                int length = intactLength(block, at);
                if (length < 0) {
                    badAt = badAt < 0 ? start + at : badAt;
                    at = nextIntact(block, at + 1);
                } else {
                    if (badAt >= 0 || !follows(start + at, block.get(at + 6))) {
                        return false;
                    }
                    pieces++;
                    at += HEADER_BYTES + length;
                }
            }
            return true;
        }

        private boolean follows(long at, byte type) {
            boolean begins = type == WHOLE || type == FIRST;
            if (begins == unfinishedAt >= 0) {
                badAt = begins ? unfinishedAt : at;
                return false;
            }
            if (type == FIRST) {
                unfinishedAt = at;
            } else if (type == LAST) {
                unfinishedAt = -1;
            }
            return true;
        }
    }

    private static void fill(FileChannel channel, ByteBuffer block, long start) throws IOException {
        block.clear();
        int read = 0;
        while (block.hasRemaining() && read >= 0) {
            read = channel.read(block, start + block.position());
        }
        block.flip();
    }

    private static boolean unwritten(ByteBuffer block, int at) {
        return block.getInt(at) == 0 && block.getShort(at + 4) == 0 && block.get(at + 6) == 0;
    }

    private static int nextIntact(ByteBuffer block, int from) {
        for (int at = from; at + HEADER_BYTES <= block.limit(); at++) {
            if (intactLength(block, at) >= 0) {
                return at;
            }
        }
        return -1;
    }

    /** Length of the intact record at a place, or -1. */
    private static int intactLength(ByteBuffer block, int at) {
        int length = block.getShort(at + 4) & 0xFFFF;
        int type = block.get(at + 6);
        if (type < WHOLE || type > LAST || at + HEADER_BYTES + length > block.limit()) {
            return -1;
        }
        int checksum = MaskedChecksum.of(block.array(), at + 6, 1 + length);
        return checksum == block.getInt(at) ? length : -1;
    }
}
