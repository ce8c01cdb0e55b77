package io.chainring.persistence.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.fault.PassingEngine;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.Records;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A failed write: uncertain, never half, and everything goes on after the database was opened again. */
final class FailureTest {
    @TempDir Path directory;

    /** Fails writes on demand, before or after they reached the database. */
    private static class Failing extends PassingEngine {
        private final AtomicInteger failBefore;
        private final AtomicInteger failAfter;

        Failing(Engine engine, AtomicInteger failBefore, AtomicInteger failAfter) {
            super(engine);
            this.failBefore = failBefore;
            this.failAfter = failAfter;
        }

        @Override
        public void write(List<Change> changes, boolean sync) {
            attempt(() -> engine.write(changes, sync));
        }

        @Override
        public void put(byte[] key, byte[] value, boolean sync) {
            attempt(() -> engine.put(key, value, sync));
        }

        private void attempt(Runnable write) {
            if (due(failBefore)) {
                throw new EngineException("injected: nothing written", null);
            }
            write.run();
            if (due(failAfter)) {
                throw new EngineException("injected: written, but who knows", null);
            }
        }
    }

    /** Whether one of the failures that a test has asked for is due; then it is one less. */
    private static boolean due(AtomicInteger failures) {
        return failures.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
    }

    @Test
    void failedWriteClosesUntilReopened() {
        AtomicInteger before = new AtomicInteger();
        AtomicInteger after = new AtomicInteger();
        Store store =
                Store.open(
                        Stores.settings(directory, "leveldbjni", false),
                        engine -> new Failing(engine, before, after));
        Stores.append(store, "p", 1, 3, "t");
        before.set(1);
        assertThrows(
                StoreException.Unavailable.class,
                () -> store.append(List.of(Stores.event("p", 4, "lost")), false));
        await().until(store::isOpen);
        assertEquals(3, store.highestSequenceNr("p"));
        after.set(1);
        assertThrows(
                StoreException.Unavailable.class,
                () -> store.append(List.of(Stores.events("p", 4, List.of("a", "b", "c"))), false));
        await().until(store::isOpen);
        assertEquals(6, store.highestSequenceNr("p"));
        assertEquals(List.of("t", "t", "t", "a", "b", "c"), Stores.read(store, "p"));
        Stores.append(store, "p", 7, 8, "t");
        assertEquals(2, store.gauges().failures());
        store.close();
    }

    @Test
    void whileFailedEveryWriteFailsAtOnce() {
        AtomicInteger before = new AtomicInteger();
        Store store =
                Store.open(
                        Stores.settings(directory, "leveldbjni", false),
                        engine -> new Failing(engine, before, new AtomicInteger()));
        before.set(1_000_000);
        assertThrows(StoreException.class, () -> Stores.append(store, "p", 1, 1, "t"));
        assertThrows(StoreException.class, () -> Stores.append(store, "q", 1, 1, "t"));
        assertFalse(store.gauges().open() && store.gauges().failures() == 0);
        before.set(0);
        await().until(store::isOpen);
        Stores.append(store, "p", 1, 1, "t");
        store.close();
    }

    /** Each kind of write that is no append of events. */
    static Stream<String> otherWrites() {
        return Stream.of("forget", "delete", "remove", "snapshot", "part", "drop");
    }

    @ParameterizedTest
    @MethodSource("otherWrites")
    void everyWriteThatFailsClosesUntilReopened(String kind) {
        StoreSettings settings =
                Stores.settings(directory, "leveldbjni", true, Duration.ofMillis(1), 500, 0);
        Store before = Store.open(settings);
        Stores.append(before, "gone", 1, 3, "t");
        before.deleteTo("gone", 3, true);
        new SnapshotArea(before).save("p", new SnapshotArea.Id(0, 0), payload(1), null);
        await().until(() -> before.gauges().deletionBacklogKeys() == 0);
        before.close();
        AtomicBoolean failed = new AtomicBoolean();
        Store store =
                Store.open(
                        settings,
                        engine ->
                                new Failing(engine, new AtomicInteger(), new AtomicInteger()) {
                                    @Override
                                    public void write(List<Change> changes, boolean sync) {
                                        fail(changes);
                                        super.write(changes, sync);
                                    }

                                    @Override
                                    public void put(byte[] key, byte[] value, boolean sync) {
                                        fail(List.of(Change.put(key, value)));
                                        super.put(key, value, sync);
                                    }

                                    private void fail(List<Change> changes) {
                                        boolean due =
                                                changes.stream()
                                                        .anyMatch(
                                                                each -> kindOf(each).equals(kind));
                                        if (due && failed.compareAndSet(false, true)) {
                                            throw new EngineException("injected", null);
                                        }
                                    }
                                });
        AtomicInteger failures = new AtomicInteger();
        for (Runnable each : actions(store)) {
            try {
                each.run();
            } catch (StoreException e) {
                failures.incrementAndGet();
                await().until(store::isOpen);
            }
        }
        await().until(() -> store.gauges().failures() == 1);
        await().until(store::isOpen);
        assertTrue(failures.get() <= 1);
        Stores.append(store, "after", 1, 1, "t");
        assertEquals(List.of("t"), Stores.read(store, "after"));
        store.close();
    }

    private static List<Runnable> actions(Store store) {
        SnapshotArea snapshots = new SnapshotArea(store);
        return List.of(
                () -> Stores.append(store, "p", 1, 3, "t"),
                () -> snapshots.save("p", new SnapshotArea.Id(3, 3), payload(10), null),
                () -> snapshots.save("p", new SnapshotArea.Id(3, 4), payload(100_000), null),
                () -> snapshots.delete("p", (sequenceNr, time) -> time == 0),
                () -> store.deleteTo("p", 3, true));
    }

    private static String kindOf(Engine.Change change) {
        boolean deletes = change.value() == null;
        return switch (change.key()[0]) {
            case Keys.NAME -> deletes ? "forget" : "name";
            case Keys.EVENT -> deletes ? "remove" : "event";
            case Keys.SNAPSHOT -> deletes ? "drop" : "snapshot";
            case Keys.SNAPSHOT_PART -> deletes ? "drop" : "part";
            case Keys.COUNTER -> deletes ? "forget" : "delete";
            default -> "other";
        };
    }

    private static Serialized payload(int bytes) {
        return new Serialized(7, "s", new byte[bytes]);
    }

    @Test
    void failureToReadWhileReopeningIsTriedAgain() {
        AtomicInteger failWrite = new AtomicInteger();
        AtomicInteger failRead = new AtomicInteger();
        byte[] nextNumber = Keys.meta(Records.NEXT_NUMBER);
        Store store =
                Store.open(
                        Stores.settings(directory, "leveldbjni", false),
                        engine ->
                                new Failing(engine, failWrite, new AtomicInteger()) {
                                    @Override
                                    public byte @Nullable [] get(byte[] key) {
                                        if (Arrays.equals(key, nextNumber) && due(failRead)) {
                                            throw new EngineException("injected: no read", null);
                                        }
                                        return super.get(key);
                                    }
                                });
        failRead.set(2);
        failWrite.set(1);
        assertThrows(StoreException.class, () -> Stores.append(store, "p", 1, 1, "t"));
        await().until(store::isOpen);
        assertEquals(0, failRead.get());
        Stores.append(store, "p", 1, 1, "t");
        store.close();
    }

    @Test
    void errorInTheWriterThreadIsAnsweredAndTheNextWritesGoOn() {
        AtomicInteger errors = new AtomicInteger();
        Store store =
                Store.open(
                        Stores.settings(directory, "leveldbjni", true),
                        engine ->
                                new PassingEngine(engine) {
                                    @Override
                                    public void write(List<Change> changes, boolean sync) {
                                        if (due(errors)) {
                                            throw new OutOfMemoryError("injected");
                                        }
                                        super.write(changes, sync);
                                    }
                                });
        GroupCommit queue = Objects.requireNonNull(store.groupCommit());
        errors.set(1);
        BlockingQueue<String> answers = new LinkedBlockingQueue<>();
        queue.submit(
                List.of(Stores.event("p", 1, "lost")),
                failure -> {
                    answers.add(String.valueOf(failure));
                    throw new StackOverflowError("injected, while answering");
                },
                () -> {});
        assertTrue(await().until(answers::poll, Objects::nonNull).contains("OutOfMemoryError"));
        await().until(store::isOpen);
        queue.submit(
                List.of(Stores.event("p", 1, "stored")),
                failure -> answers.add(String.valueOf(failure)),
                () -> {});
        assertEquals("null", await().until(answers::poll, Objects::nonNull));
        assertEquals(List.of("stored"), Stores.read(store, "p"));
        store.close();
    }

    /** What is no error of the library: a fault of this program, or of the machine. */
    static Stream<Throwable> others() {
        return Stream.of(
                new IllegalStateException("injected"),
                new StackOverflowError("injected"),
                new OutOfMemoryError("injected"));
    }

    private static void raise(Throwable what) {
        if (what instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) what;
    }

    /** Raises something while it writes, or while it is read for the next free number. */
    private UnaryOperator<Engine> raising(
            AtomicReference<Throwable> write, AtomicReference<Throwable> opening) {
        byte[] nextNumber = Keys.meta(Records.NEXT_NUMBER);
        return engine ->
                new Failing(engine, new AtomicInteger(), new AtomicInteger()) {
                    @Override
                    public void write(List<Change> changes, boolean sync) {
                        Throwable due = write.getAndSet(null);
                        if (due != null) {
                            raise(due);
                        }
                        super.write(changes, sync);
                    }

                    @Override
                    public byte @Nullable [] get(byte[] key) {
                        Throwable due =
                                Arrays.equals(key, nextNumber) ? opening.getAndSet(null) : null;
                        if (due != null) {
                            raise(due);
                        }
                        return super.get(key);
                    }
                };
    }

    @ParameterizedTest
    @MethodSource("others")
    void whateverAWriteRaisesIsAFailedWriteAndTheNextGoesOn(Throwable what) {
        AtomicReference<Throwable> write = new AtomicReference<>();
        AtomicReference<Throwable> opening = new AtomicReference<>();
        Store store =
                Store.open(
                        Stores.settings(directory, "leveldbjni", false), raising(write, opening));
        write.set(what);
        opening.set(what);
        StoreException failed =
                assertThrows(
                        StoreException.Unavailable.class,
                        () -> Stores.append(store, "p", 1, 1, "lost"));
        assertEquals(what, failed.getCause());
        await().until(store::isOpen);
        assertNull(opening.get());
        Stores.append(store, "p", 1, 1, "t");
        assertEquals(List.of("t"), Stores.read(store, "p"));
        store.close();
    }

    @Test
    void failureWhileOpeningLeavesTheDirectoryFree() {
        StoreSettings settings = Stores.settings(directory, "leveldbjni", false);
        AtomicReference<Throwable> opening =
                new AtomicReference<>(new EngineException("injected", null));
        assertThrows(
                StoreException.class,
                () -> Store.open(settings, raising(new AtomicReference<>(), opening)));
        Store.open(settings).close();
    }

    @Test
    void listenerThatFailsHurtsNobody() {
        AtomicReference<Throwable> write = new AtomicReference<>();
        Store store =
                Store.open(
                        Stores.settings(directory, "leveldbjni", false),
                        raising(write, new AtomicReference<>()));
        store.setListener(
                new JournalListener() {
                    @Override
                    public void batchWritten(
                            Path directory, int events, long bytes, long nanos, boolean synced) {
                        throw new IllegalStateException("injected");
                    }

                    @Override
                    public void storeFailed(Path directory, Throwable cause) {
                        throw new IllegalStateException("injected");
                    }
                });
        Stores.append(store, "p", 1, 2, "t");
        assertTrue(store.isOpen());
        write.set(new EngineException("injected", null));
        assertThrows(
                StoreException.Unavailable.class, () -> Stores.append(store, "q", 1, 1, "lost"));
        await().until(store::isOpen);
        Stores.append(store, "p", 3, 3, "t");
        assertEquals(List.of("t", "t", "t"), Stores.read(store, "p"));
        store.close();
    }
}
