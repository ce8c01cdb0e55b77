package io.chainring.persistence.engine;

import io.chainring.persistence.engine.LogCheck.Finding;
import io.chainring.persistence.engine.LogCheck.Verdict;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The numbers of the changes in a log. LevelDB counts all changes of a database, and its logs have no gap between them: the
 * changes of one begin where those of the one before end. After a power loss the end of an older log may be gone although a
 * newer one is there, which no log shows by itself.
 *
 * <pre>
 *  a record of a log is a batch of changes; this is its beginning:
 *  0   u64 little-endian  number of the first change
 *  8   u32 little-endian  how many changes
 * </pre>
 *
 * <p>Source: db/write_batch.cc of LevelDB.
 *
 * @param first number of the first change; -1 if it has none or that cannot be told
 * @param next number of the change behind its last whole batch, or the first one if none is whole; -1 as with the first
 */
record LogChanges(long first, long next) {
    private static final Pattern NAME = Pattern.compile("([0-9]+)\\.log");
    private static final Pattern MANIFEST = Pattern.compile("MANIFEST-[0-9]+");
    private static final int COUNT_AT = 8;
    private static final int BATCH_HEADER_BYTES = 12;
    private static final long UNKNOWN = -1;

    static boolean isLog(Path file) {
        return matcher(file).matches();
    }

    private static Matcher matcher(Path file) {
        return NAME.matcher(file.getFileName().toString().toLowerCase(Locale.ROOT));
    }

    /** Collects the numbers while a log is walked. */
    static final class Reader {
        private long first = UNKNOWN;
        private long next = UNKNOWN;

        /** The beginning of a batch, which may be in several pieces. */
        private final ByteBuffer header =
                ByteBuffer.allocate(BATCH_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

        /** A piece of a batch, with that many bytes at that place. */
        void piece(ByteBuffer block, int at, int lengthBytes, boolean begins) {
            if (begins) {
                header.clear();
            }
            int length = Math.min(lengthBytes, header.remaining());
            header.put(block.slice(at, length));
            if (first == UNKNOWN && !header.hasRemaining()) {
                first = header.getLong(0);
                next = first;
            }
        }

        /** The batch is whole. */
        void end() {
            boolean readable = !header.hasRemaining();
            next = readable ? header.getLong(0) + header.getInt(COUNT_AT) : UNKNOWN;
        }

        LogChanges read() {
            return new LogChanges(first, next);
        }
    }

    /**
     * Turns the verdict of a log to damage whose end is gone although a later one has changes.
     *
     * @param each the findings about all logs, oldest first
     */
    static List<Finding> withLostEnds(Path directory, List<Finding> each) throws IOException {
        Path current = directory.resolve("CURRENT");
        String name = Files.exists(current) ? Files.readString(current).strip() : "";
        if (!MANIFEST.matcher(name).matches() || !Files.exists(directory.resolve(name))) {
            return each;
        }
        ManifestSizes.Logs live = ManifestSizes.logs(directory, directory.resolve(name));
        List<Finding> all = new ArrayList<>(each);
        long expected = live.lastSequence() + 1;
        int before = -1;
        for (int i = 0; i < all.size(); i++) {
            Finding log = all.get(i);
            if (numberOf(log.file()) < live.logNumber()) {
                // Its changes are in tables; it was not removed yet.
                continue;
            }
            LogChanges changes = log.changes();
            if (changes.first != UNKNOWN && changes.first > expected) {
                if (before < 0) {
                    all.set(i, damaged(log, 0));
                } else {
                    all.set(before, damaged(all.get(before), all.get(before).offsetBytes()));
                }
            }
            if (changes.first != UNKNOWN) {
                expected = changes.next == UNKNOWN ? Long.MAX_VALUE : changes.next;
            }
            before = i;
        }
        return List.copyOf(all);
    }

    private static Finding damaged(Finding log, long offsetBytes) {
        return new Finding(log.file(), Verdict.DAMAGED, offsetBytes, log.changes());
    }

    private static long numberOf(Path log) {
        Matcher matcher = matcher(log);
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
    }
}
