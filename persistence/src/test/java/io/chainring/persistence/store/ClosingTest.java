package io.chainring.persistence.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.persistence.fault.PassingEngine;
import io.chainring.persistence.format.Keys;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Closing while somebody reads. */
final class ClosingTest {
    @TempDir Path directory;

    /** A query that is cancelled may still be reading when the last user gives the journal back. */
    @Test
    void waitsForWhoeverReadsByTag() throws Exception {
        Store store = Store.open(Stores.settings(directory, "leveldbjni", false));
        store.append(List.of(Stores.event("p", 1, "a", "red")), false);
        store.append(List.of(Stores.event("p", 2, "b", "red")), false);
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CompletableFuture<Long> reader =
                CompletableFuture.supplyAsync(
                        () ->
                                new TagReader(store)
                                        .read(
                                                "red",
                                                0,
                                                10,
                                                (offset, id, sequenceNr, event) -> {
                                                    reading.countDown();
                                                    awaitUninterruptibly(goOn);
                                                }),
                        runnable -> daemon(runnable, "reader").start());
        reading.await();
        Thread closer = daemon(store::close, "closer");
        closer.start();
        await().until(() -> !store.isOpen() && closer.getState() == Thread.State.WAITING);
        goOn.countDown();
        assertEquals(2, reader.get(120, TimeUnit.SECONDS));
        closer.join(TimeUnit.SECONDS.toMillis(120));
        assertEquals(Thread.State.TERMINATED, closer.getState());
    }

    /** An opening looks through all names in the background; a million of them must not hold up who closes it soon. */
    @Test
    void doesNotWaitForTheLookThroughAllNames() throws Exception {
        Store before = Store.open(Stores.settings(directory, "leveldbjni", false));
        for (int n = 0; n < 1000; n++) {
            String id = "p" + n;
            before.append(List.of(Stores.event(id, 1, "a")), false);
            before.deleteTo(id, 1, false);
        }
        before.close();
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger visited = new AtomicInteger();
        Store store =
                Store.open(
                        Stores.settings(directory, "leveldbjni", false),
                        engine ->
                                new PassingEngine(engine) {
                                    @Override
                                    public void scan(
                                            byte[] fromKey,
                                            byte[] toKey,
                                            BiPredicate<byte[], byte[]> visitor) {
                                        super.scan(
                                                fromKey,
                                                toKey,
                                                (key, value) -> {
                                                    if (key[0] == Keys.COUNTER) {
                                                        visited.incrementAndGet();
                                                        reading.countDown();
                                                        awaitUninterruptibly(goOn);
                                                    }
                                                    return visitor.test(key, value);
                                                });
                                    }
                                });
        reading.await();
        Thread closer = daemon(store::close, "closer");
        closer.start();
        await().until(() -> store.maintenance().isClosing());
        goOn.countDown();
        closer.join(TimeUnit.SECONDS.toMillis(120));
        assertEquals(Thread.State.TERMINATED, closer.getState());
        assertEquals(1, visited.get());
    }

    private static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
