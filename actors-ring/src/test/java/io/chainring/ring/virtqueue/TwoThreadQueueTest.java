package io.chainring.ring.virtqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.ring.memory.DirectRingMemory;
import io.chainring.ring.memory.MappedRingMemory;
import io.chainring.ring.memory.RingMemory;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A driver and a device on threads of their own that sleep whenever the other side promised to wake
 * them. A store that is seen too early shows as wrong bytes, a lost wake-up as a sleeper that nobody
 * wakes.
 */
@Timeout(240)
class TwoThreadQueueTest {
    private static final int SIZE = 16;
    private static final int CHAINS = 400_000;
    private static final int WAKE_SECONDS = 30;
    private static final int SLOT_BYTES = 16;

    private final Semaphore kicks = new Semaphore(0);
    private final Semaphore notifications = new Semaphore(0);

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyChainArrivesOnceAndNobodySleepsForEver(boolean eventIdx) throws Exception {
        DirectRingMemory memory = new DirectRingMemory();
        long ring = memory.allocateRegion(QueueLayout.bytesFor(SIZE));
        long data = memory.allocateRegion(SIZE * SLOT_BYTES);
        run(memory, memory, ring, data, eventIdx);
    }

    @Test
    void sidesMayMapTheMemoryTwice(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("two.ring");
        int ringBytes = QueueLayout.bytesFor(SIZE);
        long size = ringBytes + SIZE * SLOT_BYTES;
        MappedRingMemory created = MappedRingMemory.create(file, size);
        MappedRingMemory opened = MappedRingMemory.open(file, size);
        long ring = created.baseAddress();
        run(created, opened, ring, ring + ringBytes, true);
    }

    private void run(
            RingMemory ofDriver, RingMemory ofDevice, long ring, long data, boolean eventIdx)
            throws Exception {
        QueueLayout layout = QueueLayout.contiguous(ring, SIZE);
        DriverQueue driver = new DriverQueue(ofDriver, layout, eventIdx);
        DeviceQueue device = new DeviceQueue(ofDevice, layout, eventIdx);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Future<Long> driving = threads.submit(() -> drive(ofDriver, driver, data));
            Future<Long> serving = threads.submit(() -> serve(device));
            assertEquals(CHAINS, serving.get());
            assertEquals(CHAINS, driving.get());
        } finally {
            threads.shutdownNow();
        }
        assertEquals(SIZE, driver.freeDescriptors());
        assertEquals(0, device.outstandingChains());
    }

    private long drive(RingMemory memory, DriverQueue driver, long data) throws Exception {
        int[] freeSlots = new int[SIZE / 2];
        for (int i = 0; i < freeSlots.length; i++) {
            freeSlots[i] = i;
        }
        int[] slotOf = new int[SIZE];
        long[] expected = new long[SIZE];
        long submitted = 0;
        long completed = 0;
        while (completed < CHAINS) {
            while (submitted < CHAINS && submitted - completed < freeSlots.length) {
                int slot = freeSlots[(int) (submitted % freeSlots.length)];
                long at = data + (long) slot * SLOT_BYTES;
                memory.setU64(at, submitted);
                long[] addresses = {at, at + Long.BYTES};
                int head = driver.add(addresses, new int[] {Long.BYTES, Long.BYTES}, 1, 1);
                slotOf[head] = slot;
                expected[head] = submitted * 31;
                driver.publish(head);
                submitted++;
            }
            driver.flush();
            if (driver.shouldKick()) {
                kicks.release();
            }
            int head = driver.takeUsed();
            if (head < 0 && !driver.enableNotifications()) {
                assertTrue(notifications.tryAcquire(WAKE_SECONDS, TimeUnit.SECONDS), "lost notice");
                notifications.drainPermits();
            }
            while (head >= 0) {
                long answer = data + (long) slotOf[head] * SLOT_BYTES + Long.BYTES;
                assertEquals(expected[head], memory.getU64(answer));
                assertEquals(Long.BYTES, driver.usedLengthBytes());
                freeSlots[(int) (completed % freeSlots.length)] = slotOf[head];
                completed++;
                head = driver.takeUsed();
            }
        }
        return completed;
    }

    private long serve(DeviceQueue device) throws Exception {
        ChainBuffers chain = new ChainBuffers(2, 1024);
        long served = 0;
        while (served < CHAINS) {
            int head = device.take();
            if (head < 0 && !device.enableKicks()) {
                assertTrue(kicks.tryAcquire(WAKE_SECONDS, TimeUnit.SECONDS), "lost kick");
                kicks.drainPermits();
            }
            while (head >= 0) {
                device.read(head, chain);
                long value = chain.readable(0).getLong();
                assertEquals(served, value, "chains arrive in the order of their publication");
                chain.writable(0).putLong(value * 31);
                device.publishUsed(head, Long.BYTES);
                served++;
                head = device.take();
            }
            device.flushUsed();
            if (device.shouldNotify()) {
                notifications.release();
            }
        }
        return served;
    }
}
