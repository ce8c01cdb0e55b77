package io.chainring.persistence.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.persistence.engine.DrawnLog.Piece;
import io.chainring.persistence.engine.LogCheck.Finding;
import io.chainring.persistence.engine.LogCheck.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random logs with random damage: the verdict is that of somebody who knows where each piece lies and what became of it. */
final class LogCheckRandomTest {
    private static final int ROUNDS = 2000;
    private static final int PAGE_BYTES = 4096;
    private static final int CAPACITY_BYTES = 12 * DrawnLog.BLOCK_BYTES;

    @TempDir Path directory;

    private final SplittableRandom random = Seed.random(getClass());

    /** What happens to a log. */
    private enum Kind {
        NOTHING,
        BYTE,
        PAGE_OF_ZEROS,
        ZEROS_TO_THE_END,
        MORE_ZEROS,
        CUT,
        TORN_LAST_BATCH,
        PAGES_OF_THE_LAST_BATCH,
        LENGTH_BEYOND_THE_BLOCK,
        BLOCKS_SWAPPED
    }

    /** A log as it was written, and where its pieces are. */
    private record Log(byte[] bytes, List<Piece> pieces, int next) {}

    private record Expected(Verdict verdict, long offsetBytes, LogChanges changes) {}

    @Test
    void verdictIsThatOfWhoKnowsEachPlace() throws IOException {
        Map<Verdict, Integer> seen = new EnumMap<>(Verdict.class);
        for (int round = 0; round < ROUNDS; round++) {
            Kind kind = Kind.values()[round % Kind.values().length];
            Log log = drawn();
            if (kind == Kind.BLOCKS_SWAPPED) {
                log = swapped(log);
            }
            byte[] damaged = damaged(log, kind);
            Expected expected = expected(log, damaged);
            Path file = Files.write(directory.resolve("000003.log"), damaged);
            Finding found = LogCheck.check(file);
            String where = "round " + round + ", " + kind;
            assertEquals(expected.verdict, found.verdict(), where);
            assertEquals(expected.offsetBytes, found.offsetBytes(), where);
            if (kind != Kind.BLOCKS_SWAPPED) {
                assertEquals(expected.changes, found.changes(), where);
            }
            seen.merge(found.verdict(), 1, Integer::sum);
        }
        for (Verdict verdict : Verdict.values()) {
            assertTrue(seen.getOrDefault(verdict, 0) > ROUNDS / 20, seen::toString);
        }
    }

    /** An older log that ends too early shows in the numbers of a younger one, wherever its last batch lies. */
    @Test
    void endThatIsLostIsFoundByTheYoungerLog() throws IOException {
        Files.writeString(directory.resolve("CURRENT"), "MANIFEST-000002\n");
        // Log 3 is the oldest that counts, and changes up to 0 are in tables.
        DrawnLog manifest = new DrawnLog(100, 0);
        manifest.record(new byte[] {2, 3, 4, 0});
        Files.write(directory.resolve("MANIFEST-000002"), manifest.bytes());
        int losses = 0;
        for (int round = 0; round < ROUNDS / 5; round++) {
            DrawnLog older = drawn(1);
            int[] ends = ends(older);
            boolean torn = random.nextInt(4) == 0;
            int cut = torn ? older.next() : cut(older);
            int whole = (int) Arrays.stream(ends).filter(end -> end <= cut).count();
            boolean lost = whole < ends.length;
            losses += lost ? 1 : 0;
            byte[] log = Arrays.copyOf(older.bytes(), cut);
            if (torn) {
                // Of a batch that was never acknowledged.
                log = Arrays.copyOf(log, cut + 1 + random.nextInt(100));
                log[cut] = 77;
            }
            Files.write(directory.resolve("000003.log"), log);
            Files.write(directory.resolve("000005.log"), drawn(older.nextChange()).bytes());
            Files.write(directory.resolve("000007.log"), new byte[0]);
            String where = "round " + round + ": " + whole + " of " + ends.length + " batches";
            List<Finding> found = LogCheck.checkDirectory(directory);
            Verdict first = lost ? Verdict.DAMAGED : torn ? Verdict.TORN_END : Verdict.CLEAN;
            assertEquals(
                    List.of(first, Verdict.CLEAN, Verdict.CLEAN),
                    found.stream().map(Finding::verdict).toList(),
                    where);
            int begin = lost ? begins(older)[whole] : cut;
            assertEquals(Math.min(cut, begin), found.get(0).offsetBytes(), where);
        }
        assertTrue(losses > ROUNDS / 20, losses + " losses");
    }

    /** Anywhere, or where a batch begins. */
    private int cut(DrawnLog log) {
        int[] begins = begins(log);
        return random.nextBoolean()
                ? begins[random.nextInt(begins.length)]
                : random.nextInt(log.bytes().length + 1);
    }

    private static int[] begins(DrawnLog log) {
        return log.pieces().stream().filter(Piece::begins).mapToInt(Piece::at).toArray();
    }

    private static int[] ends(DrawnLog log) {
        return log.pieces().stream().filter(Piece::ends).mapToInt(Piece::end).toArray();
    }

    private Log drawn() {
        DrawnLog log = drawn(1 + random.nextInt(1000));
        return new Log(log.bytes(), log.pieces(), log.next());
    }

    /** Batches of all sizes, many of which end near the end of a block. */
    private DrawnLog drawn(long firstChange) {
        DrawnLog log = new DrawnLog(CAPACITY_BYTES, firstChange);
        int batches = 1 + random.nextInt(12);
        for (int i = 0; i < batches; i++) {
            int toBorder = log.leftInBlock() - DrawnLog.HEADER_BYTES;
            int bytes =
                    switch (random.nextInt(4)) {
                        case 0 -> random.nextInt(200);
                        case 1 -> random.nextInt(20_000);
                        case 2 -> random.nextInt(2 * DrawnLog.BLOCK_BYTES);
                        // What is left of the block is too little for the header of a batch, or
                        // for that of a piece.
                        default -> toBorder - random.nextInt(40);
                    };
            int left = Math.max(DrawnLog.BATCH_HEADER_BYTES, bytes);
            if (log.next() + left + 64 < CAPACITY_BYTES / 2) {
                log.batch(1 + random.nextInt(9), left, random);
            }
        }
        if (log.pieces().isEmpty()) {
            log.batch(1, 100, random);
        }
        return log;
    }

    /** Two whole blocks change places, and their pieces with them. */
    private Log swapped(Log log) {
        int blocks = log.bytes.length / DrawnLog.BLOCK_BYTES;
        if (blocks < 2) {
            return log;
        }
        int one = random.nextInt(blocks);
        int other = random.nextInt(blocks);
        byte[] bytes = log.bytes.clone();
        copyBlock(log.bytes, one, bytes, other);
        copyBlock(log.bytes, other, bytes, one);
        int apart = (other - one) * DrawnLog.BLOCK_BYTES;
        List<Piece> pieces = new ArrayList<>();
        for (Piece piece : log.pieces) {
            int block = piece.at() / DrawnLog.BLOCK_BYTES;
            pieces.add(piece.movedBy(block == one ? apart : block == other ? -apart : 0));
        }
        pieces.sort(Comparator.comparingInt(Piece::at));
        return new Log(bytes, pieces, log.next);
    }

    private static void copyBlock(byte[] from, int block, byte[] to, int place) {
        int length = DrawnLog.BLOCK_BYTES;
        System.arraycopy(from, block * length, to, place * length, length);
    }

    private byte[] damaged(Log log, Kind kind) {
        byte[] bytes = log.bytes.clone();
        Piece piece = log.pieces.get(random.nextInt(log.pieces.size()));
        int somewhere = random.nextInt(bytes.length);
        int lastBatch = lastBegin(log);
        switch (kind) {
            case BYTE ->
                    bytes[piece.at() + random.nextInt(piece.lengthBytes())] ^=
                            (byte) (1 << random.nextInt(8));
            case PAGE_OF_ZEROS -> zeros(bytes, somewhere / PAGE_BYTES * PAGE_BYTES, PAGE_BYTES);
            case ZEROS_TO_THE_END -> zeros(bytes, somewhere, bytes.length);
            case MORE_ZEROS -> bytes = Arrays.copyOf(bytes, bytes.length + random.nextInt(70_000));
            case CUT -> bytes = Arrays.copyOf(bytes, somewhere);
            case TORN_LAST_BATCH -> {
                int from = lastBatch + random.nextInt(bytes.length - lastBatch);
                byte[] garbage = new byte[bytes.length - from];
                random.nextBytes(garbage);
                System.arraycopy(garbage, 0, bytes, from, garbage.length);
            }
            case PAGES_OF_THE_LAST_BATCH -> {
                for (int at = lastBatch;
                        at < bytes.length;
                        at = (at / PAGE_BYTES + 1) * PAGE_BYTES) {
                    if (random.nextBoolean()) {
                        zeros(bytes, at, PAGE_BYTES - at % PAGE_BYTES);
                    }
                }
            }
            case LENGTH_BEYOND_THE_BLOCK -> {
                int left = DrawnLog.BLOCK_BYTES - piece.at() % DrawnLog.BLOCK_BYTES;
                int length = left - DrawnLog.HEADER_BYTES + 1 + random.nextInt(1000);
                bytes[piece.at() + 4] = (byte) length;
                bytes[piece.at() + 5] = (byte) (length >> 8);
            }
            case NOTHING, BLOCKS_SWAPPED -> {}
        }
        return bytes;
    }

    private static int lastBegin(Log log) {
        return log.pieces.stream().filter(Piece::begins).mapToInt(Piece::at).max().orElse(0);
    }

    private static void zeros(byte[] bytes, int from, int length) {
        Arrays.fill(bytes, from, Math.min(bytes.length, from + length), (byte) 0);
    }

    /** Compares each piece with what was written there, and knows nothing of checksums. */
    private static Expected expected(Log log, byte[] now) {
        int wrong = -1;
        Piece begun = null;
        LogChanges changes = new LogChanges(-1, -1);
        for (Piece piece : log.pieces) {
            if (piece.at() >= now.length) {
                break;
            }
            boolean intact = intact(piece, log.bytes, now);
            if (wrong >= 0 || !intact) {
                wrong = wrong < 0 ? piece.at() : wrong;
                if (intact && piece.begins()) {
                    return new Expected(Verdict.DAMAGED, wrong, changes);
                }
                continue;
            }
            if (piece.begins() != (begun == null)) {
                int at = begun == null ? piece.at() : begun.at();
                return new Expected(Verdict.DAMAGED, at, changes);
            }
            if (piece.begins() && changes.first() < 0) {
                changes = new LogChanges(piece.batchFirst(), piece.batchFirst());
            }
            begun = piece.begins() ? piece : begun;
            if (piece.ends()) {
                changes = new LogChanges(changes.first(), piece.batchNext());
                begun = null;
            }
        }
        wrong = wrong < 0 && log.next < now.length ? log.next : wrong;
        int torn = begun != null ? begun.at() : wrong;
        boolean ordinary = torn < 0 || (begun == null && isZero(now, torn));
        return ordinary
                ? new Expected(Verdict.CLEAN, now.length, changes)
                : new Expected(Verdict.TORN_END, torn, changes);
    }

    private static boolean intact(Piece piece, byte[] was, byte[] now) {
        return piece.end() <= now.length
                && Arrays.equals(was, piece.at(), piece.end(), now, piece.at(), piece.end());
    }

    private static boolean isZero(byte[] bytes, int from) {
        for (int at = from; at < bytes.length; at++) {
            if (bytes[at] != 0) {
                return false;
            }
        }
        return true;
    }
}
