package io.chainring.persistence.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.engine.files.LibraryLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the libraries say about themselves takes no more space than is allowed, however much they say. */
final class LibraryLogTest {
    private static final int ROUNDS = 400;
    private static final long LIMIT = 4 << 10;

    @TempDir Path directory;

    private static long spaceBytes(Path file) throws IOException {
        Process du = new ProcessBuilder("du", "-k", file.toString()).start();
        return 1024
                * Long.parseLong(new String(du.getInputStream().readAllBytes()).split("\\s")[0]);
    }

    private void work(Engine engine, Runnable afterEach) {
        for (int i = 0; i < ROUNDS; i++) {
            byte[] key = {1, (byte) (i >> 8), (byte) i};
            engine.write(List.of(Engine.Change.put(key, new byte[100])), false);
            engine.compact(new byte[] {0}, new byte[] {2});
            afterEach.run();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"system", "leveldbjni"})
    void takesNoMoreThanItsLimit(String engine) throws IOException {
        Path file = directory.resolve("LOG");
        LibraryLog log = new LibraryLog(directory, LIMIT);
        try (Closing open = open(engine)) {
            work(open.engine(), () -> {});
            assertTrue(spaceBytes(file) > 4 * LIMIT, "the library says little");
            log.bound();
            work(open.engine(), log::bound);
            assertTrue(spaceBytes(file) <= 2 * LIMIT, spaceBytes(file) + " bytes");
            assertArrayEquals(new byte[100], open.engine().get(new byte[] {1, 0, 7}));
        }
        try (Closing open = open(engine)) {
            assertArrayEquals(new byte[100], open.engine().get(new byte[] {1, 1, 7}));
        }
    }

    @Test
    void oneLibraryWritesNone() {
        try (Closing open = open("iq80")) {
            work(open.engine(), new LibraryLog(directory, LIMIT)::bound);
            assertFalse(Files.exists(directory.resolve("LOG")));
        }
    }

    private record Closing(Engine engine) implements AutoCloseable {
        @Override
        public void close() {
            engine.close();
        }
    }

    private Closing open(String engine) {
        return new Closing(
                Engines.open(Engines.choose(engine, ""), directory, EngineOptions.DEFAULT));
    }
}
