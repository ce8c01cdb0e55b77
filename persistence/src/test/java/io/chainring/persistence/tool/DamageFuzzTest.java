package io.chainring.persistence.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.persistence.database.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * One place of one file is damaged, whatever is there: event, name, counter, tag, snapshot, index of a table, log, MANIFEST,
 * mark. Whoever reads gets what was promised or an error that names the directory; and a repair keeps nothing that is wrong,
 * and names what it doesn't keep.
 *
 * <p>{@code -Dchainring.damage.rounds} sets how often (20), {@code -Dchainring.seed} repeats it.
 */
@Timeout(600)
@Tag("slow")
final class DamageFuzzTest {
    private static final int ROUNDS = Integer.getInteger("chainring.damage.rounds", 20);

    @TempDir Path root;

    /** Kinds of damage. */
    private enum Kind {
        FLIP,
        ZEROS,
        CUT,
        SWAP
    }

    @ParameterizedTest(name = "{0}, compacted {1}")
    @CsvSource({
        "system,true",
        "system,false",
        "leveldbjni,true",
        "leveldbjni,false",
        "iq80,true",
        "iq80,false"
    })
    void isRightOrNamedAndARepairKeepsWhatIsThere(String engine, boolean compacted)
            throws IOException {
        SplittableRandom random = Seed.random(getClass());
        Path good = root.resolve("good");
        Promised promised = Promised.write(good, engine);
        if (compacted) {
            Promised.compact(good, engine);
        }
        int found = 0;
        int less = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Path journal = root.resolve("round-" + round).resolve("journal");
            Path file = copy(good, journal, random);
            Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
            damage(file, kind, random);
            String where = "round " + round + ": " + kind + " in " + file.getFileName();
            try {
                Path read = root.resolve("round-" + round).resolve("read");
                copyAll(journal, read);
                // The Java library looks at no checksum of a block.
                found += engine.equals("iq80") ? 0 : promised.readIsRightOrRefused(read, engine);
                less += repairKeepsWhatIsThere(promised, journal, engine, file);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(where + ": " + e, e);
            }
            delete(root.resolve("round-" + round));
        }
        assertTrue(found > 0 || engine.equals("iq80"), "no damage was met");
        assertTrue(less < ROUNDS * 70, less + " persistence ids lost something");
    }

    private static int repairKeepsWhatIsThere(
            Promised promised, Path journal, String engine, Path file) throws IOException {
        boolean inLog = !file.toString().matches(".*\\.(sst|ldb)");
        Repair repair;
        try {
            repair = Repair.of(journal, engine);
        } catch (StoreException.NotAJournal e) {
            // Nothing of it is left, or its first bytes are somebody else's.
            return 0;
        }
        int less = promised.keptIsRightAndTheRestIsNamed(journal, engine, repair, inLog);
        boolean snapshotStays = repair.lost().stream().anyMatch(line -> line.contains("it stays"));
        List<String> problems = Verification.of(journal, engine).problems();
        assertEquals(snapshotStays, !problems.isEmpty(), problems + " after " + repair.lost());
        return less;
    }

    private static Path copy(Path from, Path to, SplittableRandom random) throws IOException {
        List<Path> files = copyAll(from, to);
        return files.get(random.nextInt(files.size()));
    }

    private static List<Path> copyAll(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
        try (Stream<Path> files = Files.list(to)) {
            return files.filter(DamageFuzzTest::matters).sorted().toList();
        }
    }

    private static boolean matters(Path file) {
        try {
            String name = file.getFileName().toString();
            return Files.size(file) > 0 && !name.startsWith("LOG") && !name.equals("LOCK");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void damage(Path file, Kind kind, SplittableRandom random) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        int at = random.nextInt(bytes.length);
        switch (kind) {
            case FLIP -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case ZEROS ->
                    Arrays.fill(
                            bytes,
                            at,
                            Math.min(bytes.length, at + 1 + random.nextInt(8192)),
                            (byte) 0);
            case CUT -> bytes = Arrays.copyOf(bytes, at);
            case SWAP -> {
                int length = Math.min(bytes.length - at, 512);
                int other = random.nextInt(bytes.length - length + 1);
                byte[] one = Arrays.copyOfRange(bytes, at, at + length);
                byte[] two = Arrays.copyOfRange(bytes, other, other + length);
                System.arraycopy(two, 0, bytes, at, length);
                System.arraycopy(one, 0, bytes, other, length);
            }
        }
        Files.write(file, bytes);
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
