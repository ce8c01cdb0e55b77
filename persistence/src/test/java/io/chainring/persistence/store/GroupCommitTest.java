package io.chainring.persistence.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.fault.PassingEngine;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One write and one sync for all that has arrived; a bounded queue; order. */
final class GroupCommitTest {
    private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    @TempDir Path directory;
    private Store store;
    private GroupCommit queue;
    private final CountDownLatch hold = new CountDownLatch(1);
    private final ConcurrentLinkedQueue<String> done = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void open() {
        store = Store.open(Stores.settings(directory, "leveldbjni", true));
        queue = store.groupCommit();
        assertNotNull(queue);
    }

    @AfterEach
    void close() {
        hold.countDown();
        store.close();
    }

    private void holdUpTheWriter() throws InterruptedException {
        CountDownLatch held = new CountDownLatch(1);
        queue.afterPending(
                () -> {
                    held.countDown();
                    try {
                        hold.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                failure -> {});
        held.await();
    }

    private boolean submit(String id, long sequenceNr, Runnable onRoom) {
        return queue.submit(
                List.of(Stores.event(id, sequenceNr, "t")),
                failure -> done.add(id + sequenceNr + (failure == null ? "" : " failed")),
                onRoom);
    }

    @Test
    void whatArrivesDuringASyncSharesTheNext() throws InterruptedException {
        holdUpTheWriter();
        for (int i = 1; i <= 20; i++) {
            assertTrue(submit("p" + i + "-", 1, () -> {}));
        }
        assertEquals(20, store.gauges().queueRecords());
        hold.countDown();
        await().until(() -> done.size() == 20);
        assertEquals(1, store.gauges().syncedBatches());
        assertEquals(20, store.gauges().lastBatchRecords());
        assertEquals(0, store.gauges().queueRecords());
    }

    @Test
    void fullQueueRefusesAndTellsWhenThereIsRoom() throws InterruptedException {
        holdUpTheWriter();
        AtomicInteger rooms = new AtomicInteger();
        for (int i = 1; i <= 64; i++) {
            assertTrue(submit("p", i, () -> {}));
        }
        assertFalse(submit("p", 65, rooms::incrementAndGet));
        assertEquals(0, rooms.get());
        hold.countDown();
        await().until(() -> rooms.get() == 1);
        await().until(() -> submit("p", 65, () -> {}));
        await().until(() -> done.size() == 65);
        assertEquals(65, store.highestSequenceNr("p"));
    }

    @Test
    void actionsWaitForTheWritesBeforeThem() throws InterruptedException {
        holdUpTheWriter();
        for (int i = 1; i <= 10; i++) {
            submit("p", i, () -> {});
        }
        long[] seen = {-1};
        CountDownLatch read = new CountDownLatch(1);
        queue.afterPending(() -> seen[0] = store.highestSequenceNr("p"), f -> read.countDown());
        submit("p", 11, () -> {});
        hold.countDown();
        read.await();
        assertEquals(10, seen[0]);
        await().until(() -> done.size() == 11);
    }

    @Test
    void oneThatIsRefusedDoesNotHurtTheOthers() throws InterruptedException {
        holdUpTheWriter();
        AtomicAppend taken = Stores.event("p", 1, "second");
        submit("p", 1, () -> {});
        queue.submit(List.of(taken), f -> done.add("taken " + f), () -> {});
        submit("q", 1, () -> {});
        hold.countDown();
        await().until(() -> done.size() == 3);
        assertNotNull(taken.refusal());
        assertTrue(done.contains("taken null"));
        assertEquals(List.of("t"), Stores.read(store, "p"));
        assertEquals(List.of("t"), Stores.read(store, "q"));
    }

    @Test
    void closingWritesWhatIsQueued() throws InterruptedException {
        holdUpTheWriter();
        for (int i = 1; i <= 50; i++) {
            submit("p", i, () -> {});
        }
        hold.countDown();
        store.close();
        assertEquals(50, done.size());
        assertNull(done.stream().filter(l -> l.endsWith("failed")).findAny().orElse(null));
        open();
        assertEquals(50, store.highestSequenceNr("p"));
    }

    /** Who ends an application may be who hears that a write is done; here with a queue behind it. */
    @Test
    void closingFromACompletionEndsEverythingAndWritesWhatIsQueued() throws InterruptedException {
        holdUpTheWriter();
        CountDownLatch returned = new CountDownLatch(1);
        queue.submit(
                List.of(Stores.event("p", 1, "t")),
                failure -> {
                    store.close();
                    returned.countDown();
                },
                () -> {});
        for (int i = 2; i <= 50; i++) {
            submit("p", i, () -> {});
        }
        hold.countDown();
        assertTrue(returned.await(60, TimeUnit.SECONDS), "it waits for its own end");
        await().until(() -> done.size() == 49);
        assertNull(done.stream().filter(l -> l.endsWith("failed")).findAny().orElse(null));
        await().ignoreException(StoreException.class)
                .until(
                        () -> {
                            open();
                            return true;
                        });
        assertEquals(50, store.highestSequenceNr("p"));
    }

    @Test
    void whoeverHearsOfAFailureAndThrowsKeepsNobodyFromAnAnswer() throws InterruptedException {
        store.setListener(
                (JournalListener)
                        Proxy.newProxyInstance(
                                JournalListener.class.getClassLoader(),
                                new Class<?>[] {JournalListener.class},
                                (proxy, method, arguments) -> {
                                    throw new StackOverflowError("a fault of a listener");
                                }));
        holdUpTheWriter();
        queue.afterPending(
                () -> {
                    throw new IllegalStateException("a fault of an action");
                },
                failure -> done.add("action " + (failure == null ? "" : "failed")));
        submit("p", 1, () -> {});
        hold.countDown();
        await().until(() -> done.size() == 2);
        assertTrue(done.contains("action failed"), done::toString);
    }

    /** A disk that takes long enough for what comes back after an answer to be told from what came during a sync. */
    private void reopenOnASlowDisk() {
        store.close();
        store =
                Store.open(
                        Stores.settings(directory, "leveldbjni", true),
                        engine ->
                                new PassingEngine(engine) {
                                    @Override
                                    public void write(List<Change> changes, boolean sync) {
                                        LockSupport.parkNanos(SLOW_NANOS);
                                        super.write(changes, sync);
                                    }

                                    @Override
                                    public void put(byte[] key, byte[] value, boolean sync) {
                                        LockSupport.parkNanos(SLOW_NANOS);
                                        super.put(key, value, sync);
                                    }
                                });
        queue = store.groupCommit();
    }

    /** Persists the next event once the last one is answered, on another thread, as an actor does. */
    private void persistAgainAndAgain(String id, long sequenceNr, long last, Executor actors) {
        queue.submit(
                List.of(Stores.event(id, sequenceNr, "t")),
                failure -> {
                    done.add(id + sequenceNr);
                    if (sequenceNr < last) {
                        actors.execute(
                                () -> persistAgainAndAgain(id, sequenceNr + 1, last, actors));
                    }
                },
                () -> {});
    }

    @Test
    void whoeverWasInTheLastBatchIsWaitedFor() throws InterruptedException {
        reopenOnASlowDisk();
        ExecutorService actors = Executors.newSingleThreadExecutor();
        try {
            holdUpTheWriter();
            for (int i = 0; i < 16; i++) {
                persistAgainAndAgain("p" + i + "-", 1, 6, actors);
            }
            hold.countDown();
            await().atMost(Duration.ofSeconds(60)).until(() -> done.size() == 96);
            long batches = store.gauges().syncedBatches();
            // Without waiting, each round is two batches: the first that comes back, and the rest.
            assertTrue(batches < 9, batches + " syncs for 6 rounds of 16");
        } finally {
            actors.shutdown();
        }
    }

    @Test
    void whoeverDoesNotComeBackIsNotWaitedForLong() throws InterruptedException {
        reopenOnASlowDisk();
        ExecutorService actors = Executors.newSingleThreadExecutor();
        try {
            holdUpTheWriter();
            submit("gone", 1, () -> {});
            persistAgainAndAgain("p", 1, 3, actors);
            hold.countDown();
            await().until(() -> done.size() == 4);
            assertEquals(3, store.gauges().syncedBatches());
        } finally {
            actors.shutdown();
        }
    }
}
