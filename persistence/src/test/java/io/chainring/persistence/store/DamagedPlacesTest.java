package io.chainring.persistence.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.store.DamagedJournal.Read;
import io.chainring.persistence.store.DamagedJournal.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Damage at the place of one record of each kind, and at places all over the small files: whoever reads gets what was promised,
 * or an error that names the directory, and a file where one is known; never less.
 */
@Timeout(600)
@Tag("slow")
final class DamagedPlacesTest {
    private static final int PAGE_BYTES = 4096;
    private static final int SECTOR_BYTES = 512;

    /** Of a value so many bytes are looked for; longer ones may be cut by the end of a block. */
    private static final int SOUGHT_BYTES = 64;

    private static final int PLACES = 48;

    @TempDir Path root;

    private int round;

    /** What is done to a file. */
    enum Kind {
        BYTE,
        ZEROS,
        CUT,
        SECTORS_SWAPPED
    }

    static Stream<Arguments> records() {
        return Stream.of("system", "leveldbjni", "iq80")
                .flatMap(
                        engine ->
                                Stream.of(Kind.values())
                                        .flatMap(
                                                kind ->
                                                        Stream.of(
                                                                Arguments.of(engine, kind, true),
                                                                Arguments.of(engine, kind, false))))
                // The Java library looks at no checksum of a table's blocks: there a damaged
                // record is found by its own, a damaged block isn't.
                .filter(
                        each ->
                                !each.get()[0].equals("iq80")
                                        || each.get()[1] == Kind.BYTE
                                        || each.get()[2].equals(false));
    }

    @ParameterizedTest(name = "{0}: {1}, in tables {2}")
    @MethodSource("records")
    void recordOfEachKind(String engine, Kind kind, boolean inTables) throws IOException {
        Path good = root.resolve("good");
        DamagedJournal.write(good, engine);
        if (inTables) {
            DamagedJournal.compact(good, engine);
        }
        for (Target target : DamagedJournal.targets(copy(good), engine)) {
            Path directory = copy(good);
            Path file = damageAt(directory, target, kind, inTables);
            Map<Read, StoreException> refused = DamagedJournal.refusals(directory, engine);
            String what = target + " in " + file.getFileName() + ": " + refused.keySet();
            assertTrue(refused.containsKey(target.reader()), what);
            if (!inTables) {
                assertEquals(DamagedJournal.all(), refused.keySet(), what);
            }
            if (!inTables) {
                String said = String.valueOf(refused.get(Read.EVENTS));
                assertTrue(isNamed(said, file, target, kind), what + ": " + said);
            }
            delete(directory);
        }
        assertEquals(Map.of(), DamagedJournal.refusals(good, engine));
    }

    /** Only the mark tells that something was behind a torn end; the zeroed page may be the last one. */
    private static boolean isNamed(String said, Path file, Target target, Kind kind) {
        boolean isEnd = said.contains("the end of the log");
        boolean isFile = said.contains(file.getFileName().toString());
        boolean isLast = target.name().equals("last event") && kind != Kind.SECTORS_SWAPPED;
        if (kind == Kind.CUT || isLast) {
            return isEnd;
        }
        return isFile || (kind == Kind.ZEROS && isEnd);
    }

    private static Path damageAt(Path directory, Target target, Kind kind, boolean inTables)
            throws IOException {
        byte[] value = target.value();
        byte[] sought = Arrays.copyOf(value, Math.min(value.length, SOUGHT_BYTES));
        Path found = null;
        for (Path file : files(directory, inTables ? ".*\\.(sst|ldb)" : ".*\\.log")) {
            byte[] bytes = Files.readAllBytes(file);
            int at = indexOf(bytes, sought);
            if (at >= 0) {
                Files.write(file, damaged(bytes, at + sought.length / 2, kind));
                found = file;
            }
        }
        assertTrue(found != null, target + " is nowhere");
        return found;
    }

    private static int indexOf(byte[] bytes, byte[] sought) {
        return new String(bytes, StandardCharsets.ISO_8859_1)
                .indexOf(new String(sought, StandardCharsets.ISO_8859_1));
    }

    private static byte[] damaged(byte[] bytes, int at, Kind kind) {
        byte[] damaged = bytes.clone();
        switch (kind) {
            case BYTE -> damaged[at] ^= 0x10;
            case ZEROS -> {
                int page = at / PAGE_BYTES * PAGE_BYTES;
                Arrays.fill(damaged, page, Math.min(bytes.length, page + PAGE_BYTES), (byte) 0);
            }
            case CUT -> damaged = Arrays.copyOf(bytes, at);
            case SECTORS_SWAPPED -> {
                int one = at / SECTOR_BYTES * SECTOR_BYTES;
                int other = one >= SECTOR_BYTES ? one - SECTOR_BYTES : one + SECTOR_BYTES;
                int length = Math.min(SECTOR_BYTES, bytes.length - Math.max(one, other));
                System.arraycopy(bytes, one, damaged, other, length);
                System.arraycopy(bytes, other, damaged, one, length);
            }
        }
        return damaged;
    }

    static Stream<Arguments> smallFiles() {
        return Stream.of("system", "leveldbjni", "iq80")
                .flatMap(
                        engine ->
                                Stream.of("CURRENT", "MANIFEST-[0-9]+", "ACKNOWLEDGED")
                                        .map(file -> Arguments.of(engine, file)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("smallFiles")
    void placesAllOverASmallFile(String engine, String name) throws IOException {
        Path good = root.resolve("good");
        DamagedJournal.write(good, engine);
        DamagedJournal.compact(good, engine);
        int refusals = 0;
        for (Kind kind : List.of(Kind.BYTE, Kind.ZEROS, Kind.CUT)) {
            int bytes = (int) Files.size(files(good, name).get(0));
            // Of the mark only the first bytes are used.
            int used = name.equals("ACKNOWLEDGED") ? 28 : bytes;
            for (int at = 0; at < used; at += 1 + used / PLACES) {
                Path directory = copy(good);
                Path file = files(directory, name).get(0);
                Files.write(file, damaged(Files.readAllBytes(file), at, kind));
                Map<Read, StoreException> refused = DamagedJournal.refusals(directory, engine);
                refusals += refused.isEmpty() ? 0 : 1;
                String where = kind + " at " + at + " of " + bytes + ": " + refused;
                if (name.equals("ACKNOWLEDGED")) {
                    // It proves less then.
                    assertEquals(Map.of(), refused, where);
                } else if (name.equals("CURRENT") && kind == Kind.CUT && at < bytes - 1) {
                    assertTrue(
                            String.valueOf(refused.get(Read.EVENTS))
                                    .matches(".*file (CURRENT|MANIFEST)[^;]*;.*"),
                            where);
                }
                delete(directory);
            }
        }
        assertEquals(!name.equals("ACKNOWLEDGED"), refusals > 0, refusals + " refusals");
    }

    private Path copy(Path from) throws IOException {
        Path to = Files.createDirectories(root.resolve("round-" + round++).resolve("journal"));
        for (Path file : files(from, ".*")) {
            Files.copy(file, to.resolve(file.getFileName()));
        }
        return to;
    }

    private static List<Path> files(Path directory, String name) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().matches(name))
                    .sorted()
                    .toList();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
