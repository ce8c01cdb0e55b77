package io.chainring.persistence.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.database.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every damage to the files is found, named in one line with a way out, and never a journal that is silently shorter. */
final class DamageTest {
    private static final int EVENTS = 1500;
    private static final String TEXT = "x".repeat(400);

    @TempDir Path root;

    private Path directory = Path.of("");

    @BeforeEach
    void name() {
        directory = root.resolve("journal");
    }

    private interface Damage {
        void doTo(Path directory) throws IOException;
    }

    /**
     * One damage.
     *
     * @param named what the message must name beside the directory, as far as it is known
     */
    private record Case(String name, Damage damage, String named) {
        Case(String name, Damage damage) {
            this(name, damage, "");
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Arguments> cases() {
        List<Case> cases =
                List.of(
                        new Case(
                                "log cut by one byte",
                                d -> cut(last(d, ".log"), 1),
                                "the end of the log is lost"),
                        new Case(
                                "log cut within a record",
                                d -> cut(last(d, ".log"), 700),
                                "the end of the log is lost"),
                        new Case(
                                "log cut after a record",
                                d -> cutLastRecord(d),
                                "the end of the log is lost"),
                        new Case(
                                "log emptied",
                                d -> Files.write(last(d, ".log"), new byte[0]),
                                "the end of the log is lost"),
                        new Case(
                                "log missing",
                                d -> Files.delete(last(d, ".log")),
                                "file [0-9]+\\.log is missing|the end of the log is lost"),
                        new Case(
                                "byte of log changed",
                                d -> flip(last(d, ".log"), 0.3),
                                "file [0-9]+\\.log is damaged at byte [0-9]+|the end of the log is lost"),
                        new Case(
                                "table missing",
                                d -> Files.delete(first(d, ".sst")),
                                "[0-9]+\\.(sst|ldb)|table [0-9]+"),
                        new Case("table cut", d -> cut(first(d, ".sst"), 10)),
                        new Case("byte of table changed", d -> flip(first(d, ".sst"), 0.5)),
                        new Case(
                                "manifest missing",
                                d -> Files.delete(manifest(d)),
                                "file MANIFEST-[0-9]+ is missing"),
                        new Case("manifest cut", d -> cut(manifest(d), 3)),
                        new Case("manifest cut after a record", d -> cutLastRecords(manifest(d))),
                        new Case("byte of manifest changed", d -> flip(manifest(d), 0.5)),
                        new Case(
                                "CURRENT missing",
                                d -> Files.delete(d.resolve("CURRENT")),
                                "file CURRENT is"),
                        new Case(
                                "CURRENT emptied", d -> current(d, new byte[0]), "file CURRENT is"),
                        new Case(
                                "CURRENT zeroed", d -> current(d, new byte[16]), "file CURRENT is"),
                        new Case(
                                "CURRENT no text",
                                d -> current(d, new byte[] {-1, -2}),
                                "file CURRENT is"));
        return Stream.of("auto", "leveldbjni", "iq80")
                .flatMap(engine -> cases.stream().map(c -> Arguments.of(engine, c)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("cases")
    void isFound(String engine, Case damaged) throws IOException {
        fill(engine);
        damaged.damage().doTo(directory);
        StoreException found = assertThrows(StoreException.Damaged.class, () -> readAll(engine));
        String message = String.valueOf(found.getMessage());
        assertTrue(message.startsWith(directory.toString()), message);
        assertTrue(message.contains("chainring journal repair " + directory), message);
        assertFalse(message.contains("\n"), message);
        assertTrue(Pattern.compile(damaged.named()).matcher(message).find(), message);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("engines")
    void tornEndThatWasNeverAcknowledgedIsNoDamage(String engine) throws IOException {
        fill(engine);
        byte[] torn = new byte[300];
        torn[0] = 17;
        torn[4] = 100;
        torn[5] = 2;
        torn[6] = 1;
        Files.write(last(directory, ".log"), torn, StandardOpenOption.APPEND);
        assertEquals(2 * EVENTS, readAll(engine));
    }

    /** A kill between the pieces of a record that crosses a block: the first piece is intact, the rest is not there. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("engines")
    void recordWhoseLastPieceWasNeverWrittenIsNoDamage(String engine) throws IOException {
        Store store = Store.open(Stores.settings(directory, engine, false));
        Path copy = directory.resolveSibling("copy");
        long blockBytes = 32768;
        try {
            store.append(List.of(Stores.event("p", 1, TEXT)), false);
            Files.createDirectories(copy);
            copyMark(copy);
            store.append(List.of(Stores.event("p", 2, "y".repeat(40_000))), false);
            for (Path file : files(directory)) {
                if (!file.endsWith("ACKNOWLEDGED") && !file.endsWith("LOCK")) {
                    Files.copy(file, copy.resolve(file.getFileName()));
                }
            }
        } finally {
            store.close();
        }
        cut(last(copy, ".log"), Math.toIntExact(Files.size(last(copy, ".log")) - blockBytes));
        Store again = Store.open(Stores.settings(copy, engine, false));
        try {
            assertEquals(List.of(TEXT), Stores.read(again, "p"));
        } finally {
            again.close();
        }
    }

    private void copyMark(Path copy) throws IOException {
        Files.copy(directory.resolve("ACKNOWLEDGED"), copy.resolve("ACKNOWLEDGED"));
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void strangerIsNotTouched() throws IOException {
        try (var engine =
                io.chainring.persistence.engine.Engines.open(
                        io.chainring.persistence.engine.Engines.Kind.IQ80,
                        directory,
                        io.chainring.persistence.engine.EngineOptions.DEFAULT)) {
            engine.put(new byte[] {1, 2, 3}, new byte[] {4}, false);
        }
        StoreException found = assertThrows(StoreException.Damaged.class, () -> readAll("iq80"));
        assertTrue(String.valueOf(found.getMessage()).contains("not a Chainring journal"));
    }

    @Test
    void heldLockIsSaidInOneLine() {
        Store first = Store.open(Stores.settings(directory, "leveldbjni", false));
        try {
            for (String engine : List.of("auto", "leveldbjni", "iq80")) {
                StoreException locked =
                        assertThrows(StoreException.Locked.class, () -> readAll(engine));
                assertTrue(String.valueOf(locked.getMessage()).startsWith(directory + ": "));
            }
        } finally {
            first.close();
        }
    }

    static Stream<String> engines() {
        return Stream.of("auto", "leveldbjni", "iq80");
    }

    private void fill(String engine) {
        Store store = Store.open(Stores.settings(directory, engine, false));
        for (long n = 1; n <= EVENTS; n++) {
            store.append(List.of(Stores.event("p", n, TEXT), Stores.event("q", n, TEXT)), false);
        }
        store.close();
    }

    private int readAll(String engine) {
        Store store = Store.open(Stores.settings(directory, engine, false));
        try {
            return Stores.read(store, "p").size() + Stores.read(store, "q").size();
        } finally {
            store.close();
        }
    }

    private static void cutLastRecord(Path directory) throws IOException {
        Path log = last(directory, ".log");
        byte[] bytes = Files.readAllBytes(log);
        // One batch of two events is a good 1000 bytes; any place in between is found, this one
        // too.
        Files.write(log, java.util.Arrays.copyOf(bytes, Math.max(0, bytes.length - 1000)));
    }

    private static void current(Path directory, byte[] content) throws IOException {
        Files.write(directory.resolve("CURRENT"), content);
    }

    /** Half of the records: what is left is a whole MANIFEST, of an earlier time. */
    private static void cutLastRecords(Path manifest) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.wrap(Files.readAllBytes(manifest)).order(ByteOrder.LITTLE_ENDIAN);
        int at = 0;
        while (at < bytes.capacity() / 2) {
            at += 7 + (bytes.getShort(at + 4) & 0xFFFF);
        }
        cut(manifest, bytes.capacity() - at);
    }

    private static void cut(Path file, int bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(Math.max(0, channel.size() - bytes));
        }
    }

    private static void flip(Path file, double at) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[(int) (bytes.length * at)] ^= 0x55;
        Files.write(file, bytes);
    }

    private static Path manifest(Path directory) throws IOException {
        return directory.resolve(Files.readString(directory.resolve("CURRENT")).strip());
    }

    private static Path first(Path directory, String suffix) throws IOException {
        return pick(directory, suffix, files -> files.get(0));
    }

    private static Path last(Path directory, String suffix) throws IOException {
        return pick(directory, suffix, files -> files.get(files.size() - 1));
    }

    private static Path pick(Path directory, String suffix, Function<List<Path>, Path> choice)
            throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return choice.apply(
                    files.filter(f -> f.toString().replace(".ldb", ".sst").endsWith(suffix))
                            .sorted()
                            .toList());
        }
    }
}
