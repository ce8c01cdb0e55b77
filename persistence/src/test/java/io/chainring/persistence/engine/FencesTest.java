package io.chainring.persistence.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java library takes over young tables that another one made. */
final class FencesTest {
    private static final EngineOptions SMALL = new EngineOptions(128 << 10, 1 << 20, true, true);

    @TempDir Path directory;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Each opening makes a table of the last one's log. */
    private void nativeTable(String first, String value, String last) {
        try (Engine engine = Engines.open(Engines.choose("leveldbjni", ""), directory, SMALL)) {
            engine.put(bytes(first), bytes(value), true);
            engine.put(bytes(last), bytes(value), true);
        }
    }

    private List<Path> tables() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().matches(".*\\.(sst|ldb)"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void noneOfThemStaysAboveAYoungerOne() {
        nativeTable("a", "1", "b");
        nativeTable("a", "2", "m");
        nativeTable("p", "3", "q");
        try (Engine engine = Engines.open(Engines.Kind.IQ80, directory, SMALL)) {
            engine.compact(bytes("l"), bytes("n"));
            assertArrayEquals(bytes("2"), engine.get(bytes("a")));
        }
        try (Engine engine = Engines.open(Engines.choose("system", ""), directory, SMALL)) {
            assertArrayEquals(bytes("2"), engine.get(bytes("a")));
        }
    }

    @Test
    void aDamagedOneDoesNotKeepAnybodyFromOpening() throws IOException {
        nativeTable("a", "1", "b");
        nativeTable("a", "2", "m");
        nativeTable("p", "3", "q");
        List<Path> tables = tables();
        assertEquals(2, tables.size());
        byte[] whole = Files.readAllBytes(tables.get(0));
        Files.write(tables.get(0), Arrays.copyOf(whole, whole.length / 2));
        try (Engine engine = Engines.open(Engines.Kind.IQ80, directory, SMALL)) {
            engine.put(bytes("z"), bytes("4"), true);
            assertArrayEquals(bytes("4"), engine.get(bytes("z")));
        }
    }

    @Test
    void nobodySeesThem() {
        try (Engine engine = Engines.open(Engines.Kind.IQ80, directory, SMALL)) {
            engine.put(bytes("a"), bytes("1"), true);
            assertEquals(List.of("a"), everything(engine));
            engine.compact(bytes("a"), bytes("b"));
            assertEquals(List.of("a"), everything(engine));
        }
        for (String name : List.of("system", "leveldbjni")) {
            try (Engine engine = Engines.open(Engines.choose(name, ""), directory, SMALL)) {
                assertEquals(List.of("a"), everything(engine));
                assertFalse(Fences.areMissing(directory));
            }
        }
    }

    private static List<String> everything(Engine engine) {
        List<String> keys = new ArrayList<>();
        engine.scan(
                new byte[0],
                new byte[] {(byte) 0xFF, 0x00},
                (key, value) -> keys.add(new String(key, StandardCharsets.UTF_8)));
        return keys;
    }
}
