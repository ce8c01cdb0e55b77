package io.chainring.persistence.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.tool.Repair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The end of a log that is lost held no event, but something that was acknowledged all the same. */
final class LostChangeTest {
    private static final String ENGINE = "system";

    @TempDir Path root;

    private static Store open(Path directory) {
        return Store.open(Stores.settings(directory, ENGINE, true));
    }

    /** Two images of what a log is after its last event: with what followed, and cut before it. */
    private void isNoticed(Consumer<Store> last) throws IOException {
        Path journal = root.resolve("journal");
        try (AutoClosing store = new AutoClosing(open(journal))) {
            Stores.append(store.store(), "p", 1, 20, "x");
            snapshot(store.store(), 5);
            store.store().deleteTo("p", 3, true);
            long before = Files.size(log(journal));
            last.accept(store.store());
            copy(journal, root.resolve("whole"), Long.MAX_VALUE);
            copy(journal, root.resolve("cut"), before);
            assertTrue(Files.size(log(journal)) > before, "nothing was written");
        }
        open(root.resolve("whole")).close();
        Path cut = root.resolve("cut");
        StoreException.Damaged refused =
                assertThrows(StoreException.Damaged.class, () -> open(cut));
        String words = "acknowledged snapshots or deletions are missing";
        assertTrue(refused.getMessage().startsWith(cut + ": " + words), refused::toString);
        Repair repair = Repair.of(cut, ENGINE);
        assertTrue(repair.lost().stream().anyMatch(line -> line.contains(words)), repair::toString);
        Store repaired = open(cut);
        assertEquals(17, Stores.read(repaired, "p").size());
        repaired.close();
        assertFalse(Files.exists(cut.resolveSibling("cut.repaired")));
    }

    private record AutoClosing(Store store) implements AutoCloseable {
        @Override
        public void close() {
            store.close();
        }
    }

    private static void snapshot(Store store, long sequenceNr) {
        new SnapshotArea(store)
                .save(
                        "p",
                        new SnapshotArea.Id(sequenceNr, sequenceNr),
                        new Serialized(1, "", new byte[100]),
                        null);
    }

    private static Path log(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".log")).findFirst().orElseThrow();
        }
    }

    private static void copy(Path from, Path to, long logBytes) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                byte[] bytes = Files.readAllBytes(file);
                boolean cut = file.toString().endsWith(".log") && bytes.length > logBytes;
                Files.write(
                        to.resolve(file.getFileName()),
                        cut ? Arrays.copyOf(bytes, (int) logBytes) : bytes);
            }
        }
    }

    @Test
    void aSnapshotThatIsLost() throws IOException {
        isNoticed(store -> snapshot(store, 20));
    }

    @Test
    void aDeletionThatIsLost() throws IOException {
        isNoticed(store -> store.deleteTo("p", 10, true));
    }

    @Test
    void aRemovedSnapshotThatIsBackAgain() throws IOException {
        isNoticed(store -> new SnapshotArea(store).delete("p", (sequenceNr, time) -> true));
    }
}
