package io.chainring.persistence.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.database.StoreSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One process at a time: the second one hears it in one line, and the first one notices nothing. */
final class LockTest {
    @TempDir Path root;

    /** The other process: opens a directory, writes, and closes it at the end of its input. */
    static final class Holder {
        public static void main(String[] args) throws IOException {
            Store store = Store.open(Stores.settings(Path.of(args[0]), args[1], true));
            Stores.append(store, "p", 1, 3, "theirs");
            System.out.println("holding");
            while (System.in.read() >= 0) {}
            Stores.append(store, "p", 4, 5, "theirs");
            store.close();
        }
    }

    private static Process hold(Path directory, String engine) throws IOException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx64m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Holder.class.getName(),
                                directory.toString(),
                                engine)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        BufferedReader lines = process.inputReader();
        String line = lines.readLine();
        while (line != null && !line.equals("holding")) {
            line = lines.readLine();
        }
        assertEquals("holding", line);
        return process;
    }

    private static String refusal(Path directory, String engine) {
        StoreSettings settings = Stores.settings(directory, engine, false);
        return String.valueOf(
                assertThrows(StoreException.Locked.class, () -> Store.open(settings)).getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "leveldbjni, leveldbjni",
        "leveldbjni, iq80",
        "iq80, leveldbjni",
        "iq80, iq80",
    })
    void directoryOfAnotherProcessIsRefused(String theirs, String ours) throws Exception {
        Path directory = root.resolve("journal");
        Process holder = hold(directory, theirs);
        try {
            for (int attempt = 0; attempt < 2; attempt++) {
                String message = refusal(directory, ours);
                assertTrue(message.contains(directory.toString()), message);
                assertTrue(message.contains("in use"), message);
                assertEquals(1, message.lines().count(), message);
            }
            holder.getOutputStream().close();
            assertTrue(holder.waitFor(60, TimeUnit.SECONDS), "the holder ends");
            assertEquals(0, holder.exitValue());
        } finally {
            holder.destroyForcibly().waitFor();
        }
        Store store = Store.open(Stores.settings(directory, ours, false));
        assertEquals(5, Stores.read(store, "p").size());
        store.close();
    }

    @Test
    void lockOfAKilledProcessIsFree() throws Exception {
        Path directory = root.resolve("journal");
        Process holder = hold(directory, "leveldbjni");
        assertFalse(refusal(directory, "leveldbjni").isEmpty());
        holder.destroyForcibly().waitFor();
        Store store = Store.open(Stores.settings(directory, "leveldbjni", false));
        assertEquals(List.of("theirs", "theirs", "theirs"), Stores.read(store, "p"));
        store.close();
    }
}
