package io.chainring.persistence.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.chainring.base.space.SmallFileSystem;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.engine.Engines;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.tool.Repair;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/**
 * The file system really is full, and another program takes the last of it (J3). That this process comes to the end of a
 * test is part of what is shown: a page that cannot be had must be an exception.
 */
final class FullFileSystemTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String TEXT = "x".repeat(1000);

    @TempDir Path mount;
    private SmallFileSystem space;

    @BeforeEach
    void mountSmallFileSystem() throws Exception {
        space = SmallFileSystem.mount(mount, 16);
    }

    @AfterEach
    void unmount() throws Exception {
        // Not where the test was skipped.
        if (space != null) {
            space.close();
        }
    }

    private Store open(String engine, long minFreeBytes) {
        try {
            Engines.choose(engine, "");
        } catch (EngineException e) {
            assumeTrue(false, "missing: libleveldb1d");
        }
        return Store.open(
                Stores.settings(
                        mount.resolve("journal"), engine, false, Duration.ZERO, 500, minFreeBytes));
    }

    @ParameterizedTest
    @ValueSource(strings = {"system", "leveldbjni", "iq80"})
    void readsGoOnWritesAreRefusedAndItHealsByItself(String engine) throws Exception {
        try (Closing closing = closing(open(engine, 4 << 20))) {
            Store store = closing.store();
            Stores.append(store, "p", 1, 3, "t");
            space.leave(3 << 20);
            await().atMost(PATIENCE).until(() -> store.problem() != null);
            assertThrows(
                    StoreException.Unavailable.class, () -> Stores.append(store, "p", 4, 4, "t"));
            assertTrue(String.valueOf(store.problem()).contains(store.directory().toString()));
            assertTrue(store.isOpen());
            assertEquals(List.of("t", "t", "t"), Stores.read(store, "p"));
            space.makeRoom();
            await().atMost(PATIENCE).until(() -> store.problem() == null);
            Stores.append(store, "p", 4, 4, "t");
            assertEquals(4, Stores.read(store, "p").size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"system", "leveldbjni", "iq80"})
    void aWriteThatFindsNoPageFailsAndTheProcessLives(String engine) throws Exception {
        try (Closing closing = closing(open(engine, 0))) {
            Store store = closing.store();
            Stores.append(store, "p", 1, 10, TEXT);
            for (int round = 0; round < 5; round++) {
                space.fillWithAnotherProgram();
                long written = writeUntilRefused(store);
                space.makeRoom();
                await().atMost(PATIENCE).until(store::isOpen);
                assertTrue(store.highestSequenceNr("p") >= written);
                Stores.append(
                        store,
                        "p",
                        store.highestSequenceNr("p") + 1,
                        store.highestSequenceNr("p") + 10,
                        TEXT);
                store.deleteTo("p", store.highestSequenceNr("p") - 10, false);
            }
            assertNull(store.problem());
            assertEquals(10, Stores.read(store, "p").size());
        }
    }

    /** The last sequence number that was acknowledged. */
    private static long writeUntilRefused(Store store) {
        long next = store.highestSequenceNr("p") + 1;
        try {
            while (true) {
                Stores.append(store, "p", next, next, TEXT);
                next++;
            }
        } catch (StoreException.Unavailable full) {
            return next - 1;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"system", "leveldbjni", "iq80"})
    void aSnapshotAndADeletionThatFindNoPageFailAndTheProcessLives(String engine) throws Exception {
        try (Closing closing = closing(open(engine, 0))) {
            Store store = closing.store();
            Stores.append(store, "p", 1, 10, TEXT);
            space.fillWithAnotherProgram();
            SnapshotArea snapshots = new SnapshotArea(store);
            Serialized large = new Serialized(1, "", new byte[8 << 20]);
            assertThrows(
                    StoreException.Unavailable.class,
                    () -> snapshots.save("p", new SnapshotArea.Id(5, 1), large, null));
            assertThrows(StoreException.Unavailable.class, () -> store.deleteTo("p", 5, false));
            assertFalse(store.isOpen());
            space.makeRoom();
            await().atMost(PATIENCE).until(store::isOpen);
            assertEquals(10, Stores.read(store, "p").size());
            store.deleteTo("p", 5, false);
            assertEquals(5, Stores.read(store, "p").size());
        }
    }

    /** Another number of free bytes at each attempt is no other problem. */
    @Test
    void whileItCannotBeReopenedThatIsSaidOnce() throws Exception {
        List<ILoggingEvent> lines = new CopyOnWriteArrayList<>();
        AppenderBase<ILoggingEvent> appender =
                new AppenderBase<>() {
                    @Override
                    protected void append(ILoggingEvent event) {
                        lines.add(event);
                    }
                };
        Logger logger = (Logger) LoggerFactory.getLogger(Maintenance.class);
        Level before = logger.getLevel();
        logger.setLevel(Level.DEBUG);
        appender.start();
        logger.addAppender(appender);
        try (Closing closing = closing(open("iq80", 0))) {
            space.fillWithAnotherProgram();
            writeUntilRefused(closing.store());
            for (int given = 1; given <= 5; given++) {
                space.giveBack(128 << 10);
                int differ = given;
                await().atMost(PATIENCE).until(() -> attempts(lines).size() >= differ);
            }
            space.makeRoom();
            await().atMost(PATIENCE).until(closing.store()::isOpen);
        } finally {
            logger.detachAppender(appender);
            logger.setLevel(before);
        }
        assertEquals(
                1,
                lines.stream()
                        .filter(line -> line.getLevel() == Level.WARN)
                        .filter(line -> line.getFormattedMessage().contains("cannot be reopened"))
                        .count(),
                lines::toString);
    }

    /** What different attempts to open it again have said. */
    private static Set<String> attempts(List<ILoggingEvent> lines) {
        return lines.stream()
                .map(ILoggingEvent::getFormattedMessage)
                .filter(line -> line.contains("cannot be reopened"))
                .map(line -> line.replaceFirst("^.*its file system has ", ""))
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @ValueSource(strings = {"system", "leveldbjni", "iq80"})
    void aDirectoryThatIsTooFullToBeOpenedSaysSo(String engine) throws Exception {
        open(engine, 0).close();
        space.leave(1 << 20);
        StoreException refused =
                assertThrows(StoreException.Unavailable.class, () -> open(engine, 0));
        assertTrue(String.valueOf(refused.getMessage()).contains("is full"), refused::toString);
        space.makeRoom();
        open(engine, 0).close();
    }

    @Test
    void aRepairThatHasNoRoomChangesNothing() throws Exception {
        try (Closing closing = closing(open("leveldbjni", 0))) {
            Stores.append(closing.store(), "p", 1, 2000, TEXT);
        }
        space.leave(3 << 20);
        Path journal = mount.resolve("journal");
        StoreException refused =
                assertThrows(StoreException.Unavailable.class, () -> Repair.of(journal, "auto"));
        assertTrue(String.valueOf(refused.getMessage()).contains("repairing"), refused::toString);
        try (Stream<Path> files = Files.list(mount)) {
            assertEquals(2, files.count(), "the journal and the filler");
        }
        space.makeRoom();
        assertEquals(2000, Repair.of(journal, "auto").events());
    }

    private record Closing(Store store) implements AutoCloseable {
        @Override
        public void close() {
            store.close();
        }
    }

    private static Closing closing(Store store) {
        return new Closing(store);
    }
}
