package io.chainring.persistence.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
        closer.join(TimeUnit.SECONDS.toMillis(10));
        assertEquals(Thread.State.TERMINATED, closer.getState());
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
