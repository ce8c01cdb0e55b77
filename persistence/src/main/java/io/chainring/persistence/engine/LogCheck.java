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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Checks the write-ahead logs of a LevelDB directory before it is opened.
 *
 * <p>The libraries cannot tell two kinds of damage apart: the torn end that a killed writer leaves (harmless: it was never
 * acknowledged) and damage before intact records (acknowledged events are lost). The native library refuses both or
 * skips both, the Java one skips both. So it is decided here: a place that is damaged or was not written, with the
 * beginning of an intact record somewhere behind it, is damage; the rest is a torn end. Later pieces of a record prove
 * nothing: they may be what a power loss left of the one record that was being written.
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
    /** Files that get a number each, ascending. */
    private static final Pattern NUMBERED =
            Pattern.compile("([0-9]{1,18})\\.(log|ldb|sst)|MANIFEST-([0-9]{1,18})");

    static final int BLOCK_BYTES = 32768;
    static final int HEADER_BYTES = 7;
    static final byte WHOLE = 1;
    static final byte FIRST = 2;
    static final byte LAST = 4;

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
     * @param changes the numbers of what is written in it
     */
    public record Finding(Path file, Verdict verdict, long offsetBytes, LogChanges changes) {}

    /** Checks all logs of a directory, oldest first: each for itself, and whether one goes on where the one before ended. */
    public static List<Finding> checkDirectory(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            List<Finding> each =
                    files.filter(file -> LogChanges.isLog(file))
                            .sorted()
                            .map(LogCheck::check)
                            .toList();
            return LogChanges.withLostEnds(directory, each);
        } catch (IOException e) {
            throw new UncheckedIOException(directory + ": cannot read", e);
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
     * <p>A log that never came to the storage is not lost: LevelDB names a new one, without a change in it, where it compacts
     * with nothing in memory, and the old library has no name of it synced before. The one before is there then,
     * for it goes after the new one has come, and nothing is younger.
     *
     * @param manifest the file that CURRENT names
     * @return its name, or null if it is there, or never came
     */
    public static @Nullable String missingLog(Path directory, Path manifest) throws IOException {
        long number = ManifestSizes.logs(directory, manifest).logNumber();
        String name = String.format(Locale.ROOT, "%06d.log", number);
        boolean there = number == 0 || Files.exists(directory.resolve(name));
        return there || neverCame(directory, number) ? null : name;
    }

    private static boolean neverCame(Path directory, long logNumber) throws IOException {
        boolean olderLog = false;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Matcher numbered = NUMBERED.matcher(file.getFileName().toString());
                if (numbered.matches()) {
                    String digits =
                            numbered.group(1) == null ? numbered.group(3) : numbered.group(1);
                    if (Long.parseLong(digits) > logNumber) {
                        return false;
                    }
                    olderLog |= "log".equals(numbered.group(2));
                }
            }
        }
        return olderLog;
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
        private final LogChanges.Reader changes = new LogChanges.Reader();

        /** The first place where no intact record is. */
        private long wrongAt = -1;

        /** Whether there is more than zeros from there on; if not, the log ends there. */
        private boolean written;

        /** Where the record began whose last piece is still to come. */
        private long unfinishedAt = -1;

        Walk(Path file) {
            this.file = file;
        }

        Finding over(FileChannel channel) throws IOException {
            for (long start = 0; start < channel.size(); start += BLOCK_BYTES) {
                fill(channel, block, start);
                if (!soundSoFar(start)) {
                    return new Finding(file, Verdict.DAMAGED, wrongAt, changes.read());
                }
            }
            long tornAt = unfinishedAt >= 0 ? unfinishedAt : written ? wrongAt : -1;
            return tornAt < 0
                    ? new Finding(file, Verdict.CLEAN, channel.size(), changes.read())
                    : new Finding(file, Verdict.TORN_END, tornAt, changes.read());
        }

        /** Walks over one block; false when a record begins behind a place that is not as it should be. */
        private boolean soundSoFar(long start) {
            int at = 0;
            while (at >= 0 && at + HEADER_BYTES <= block.limit()) {
                int length = intactLength(block, at);
                if (length < 0) {
                    int next = nextIntact(block, at + 1);
                    wrong(start, at, next < 0 ? block.limit() : next);
                    at = next;
                } else {
                    byte type = block.get(at + 6);
                    if (wrongAt >= 0) {
                        written = true;
                        if (begins(type)) {
                            return false;
                        }
                    } else if (!follows(start + at, type, length)) {
                        return false;
                    }
                    at += HEADER_BYTES + length;
                }
            }
            if (block.limit() < BLOCK_BYTES && at >= 0 && at < block.limit()) {
                // Half a header.
                wrong(start, at, block.limit());
            }
            return true;
        }

        private void wrong(long start, int at, int end) {
            wrongAt = wrongAt < 0 ? start + at : wrongAt;
            for (int i = at; i < end; i++) {
                written |= block.get(i) != 0;
            }
        }

        private boolean follows(long at, byte type, int length) {
            boolean begins = begins(type);
            if (begins == unfinishedAt >= 0) {
                wrongAt = begins ? unfinishedAt : at;
                return false;
            }
            changes.piece(block, (int) (at % BLOCK_BYTES) + HEADER_BYTES, length, begins);
            if (type == FIRST) {
                unfinishedAt = at;
            } else if (type == LAST) {
                unfinishedAt = -1;
            }
            if (unfinishedAt < 0) {
                changes.end();
            }
            return true;
        }
    }

    static void fill(FileChannel channel, ByteBuffer block, long start) throws IOException {
        block.clear();
        int read = 0;
        while (block.hasRemaining() && read >= 0) {
            read = channel.read(block, start + block.position());
        }
        block.flip();
    }

    private static boolean begins(byte type) {
        return type == WHOLE || type == FIRST;
    }

    static int nextIntact(ByteBuffer block, int from) {
        for (int at = from; at + HEADER_BYTES <= block.limit(); at++) {
            if (intactLength(block, at) >= 0) {
                return at;
            }
        }
        return -1;
    }

    /** Length of the intact record at a place, or -1. */
    static int intactLength(ByteBuffer block, int at) {
        int length = block.getShort(at + 4) & 0xFFFF;
        int type = block.get(at + 6);
        if (type < WHOLE || type > LAST || at + HEADER_BYTES + length > block.limit()) {
            return -1;
        }
        int checksum = MaskedChecksum.of(block.array(), at + 6, 1 + length);
        return checksum == block.getInt(at) ? length : -1;
    }
}
