package io.chainring.persistence.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.Records;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    @Test
    void fullDirectoryRefusesBeforeAnythingIsTouched() {
        AtomicLong free = new AtomicLong(1000);
        SpaceGuard guard = new SpaceGuard(directory, 500, free::get);
        guard.check();
        free.set(499);
        guard.written(2 << 20);
        StoreException full = assertThrows(StoreException.Unavailable.class, guard::check);
        assertTrue(
                String.valueOf(full.getMessage())
                        .startsWith(directory + ": the directory is full"));
        assertThrows(StoreException.Unavailable.class, guard::check);
        free.set(501);
        guard.check();
    }

    @Test
    void fullDirectoryIsNoFailureOfTheStore() {
        Store store =
                Store.open(
                        Stores.settings(
                                directory,
                                "leveldbjni",
                                false,
                                java.time.Duration.ZERO,
                                500,
                                Long.MAX_VALUE));
        assertThrows(StoreException.Unavailable.class, () -> Stores.append(store, "p", 1, 1, "t"));
        assertTrue(store.isOpen());
        assertEquals(0, store.highestSequenceNr("p"));
        store.close();
    }
}
