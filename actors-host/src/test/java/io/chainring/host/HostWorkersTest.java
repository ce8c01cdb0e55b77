package io.chainring.host;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The fence between incarnations (I6, H1). */
class HostWorkersTest {
    private final HostWorkers workers =
            HostWorkers.create(
                    "test",
                    new HostSettings(
                            IoMode.POOL, 1, 2, 100, 3, Duration.ofMillis(1), Duration.ofMillis(1)));
    private final AtomicInteger idle = new AtomicInteger();
    private final AtomicInteger ran = new AtomicInteger();

    @AfterEach
    void close() throws Exception {
        workers.close();
        assertTrue(workers.awaitEnd(10_000));
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError("an I/O thread was interrupted", e);
        }
    }

    @Test
    void tellsAtOnceWhenNobodyIsInside() {
        workers.attach(1, idle::incrementAndGet);
        assertEquals(1, idle.get());
        workers.attach(2, idle::incrementAndGet);
        assertEquals(2, idle.get());
    }

    @Test
    void waitsForWhoIsInsideAndDropsWhatWaits() {
        HostWorkers.Lease first = workers.attach(1, idle::incrementAndGet);
        CountDownLatch release = new CountDownLatch(1);
        assertTrue(first.submit(() -> awaitQuietly(release)));
        await().until(() -> workers.inside() == 1);
        assertTrue(first.submit(ran::incrementAndGet));
        assertTrue(first.submit(ran::incrementAndGet));
        assertFalse(first.submit(ran::incrementAndGet), "the queue's limit is 2");
        assertTrue(first.enter());

        HostWorkers.Lease second = workers.attach(2, idle::incrementAndGet);
        assertFalse(first.enter(), "revoked");
        assertEquals(0, workers.queuedTasks());
        assertTrue(second.submit(ran::incrementAndGet), "the queue is the second one's");
        HostWorkers.Lease third = workers.attach(3, () -> idle.addAndGet(10));
        assertFalse(second.enter());
        release.countDown();
        await().until(() -> workers.inside() == 1);
        assertEquals(1, idle.get());
        first.leave();
        assertEquals(11, idle.get(), "the third is told, once the last of the first is out");
        assertEquals(0, workers.inside());
        assertTrue(third.enter());
        third.leave();
        assertEquals(11, idle.get());
        assertEquals(0, ran.get());
    }

    @Test
    void incarnationsOnlyGrow() {
        workers.attach(5, idle::incrementAndGet);
        assertThrows(IllegalStateException.class, () -> workers.attach(5, idle::incrementAndGet));
        assertThrows(IllegalStateException.class, () -> workers.attach(4, idle::incrementAndGet));
    }

    @Test
    void closingLetsWhatRunsComeToItsEnd() throws Exception {
        HostWorkers.Lease lease = workers.attach(1, idle::incrementAndGet);
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch inside = new CountDownLatch(1);
        assertTrue(
                lease.submit(
                        () -> {
                            inside.countDown();
                            awaitQuietly(release);
                            ran.incrementAndGet();
                        }));
        inside.await();
        workers.close();
        assertFalse(lease.enter());
        assertFalse(lease.submit(ran::incrementAndGet));
        assertFalse(workers.awaitEnd(1));
        release.countDown();
        assertTrue(workers.awaitEnd(10_000));
        assertEquals(1, ran.get());
    }
}
