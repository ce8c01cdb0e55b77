package io.chainring.ring.virtqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.ring.memory.DirectRingMemory;
import io.chainring.ring.memory.RingViolationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Chains that go from one side to the other and back, on one thread. */
class QueueRoundTripTest {
    private static final int SIZE = 8;

    private final DirectRingMemory memory = new DirectRingMemory();
    private final QueueLayout layout =
            QueueLayout.contiguous(memory.allocateRegion(QueueLayout.bytesFor(SIZE)), SIZE);
    private final long buffers = memory.allocateRegion(4096);
    private final ChainBuffers chain = new ChainBuffers(16, 1 << 20);

    private int add(DriverQueue driver, int readable, int writable) {
        long[] addresses = new long[readable + writable];
        int[] lengths = new int[readable + writable];
        for (int i = 0; i < addresses.length; i++) {
            addresses[i] = buffers + 16L * i;
            lengths[i] = 16 - i;
        }
        return driver.add(addresses, lengths, readable, writable);
    }

    @Test
    void chainArrivesAsItWasAddedAndComesBack() {
        DriverQueue driver = new DriverQueue(memory, layout, false);
        DeviceQueue device = new DeviceQueue(memory, layout, false);
        int head = add(driver, 2, 1);
        assertEquals(SIZE - 3, driver.freeDescriptors());
        assertFalse(driver.isOutstanding(head));
        driver.publish(head);
        assertTrue(driver.isOutstanding(head));
        assertEquals(-1, device.take(), "not visible before the flush");
        driver.flush();
        assertEquals(1, device.available());
        assertEquals(head, device.take());
        device.read(head, chain);
        assertEquals(2, chain.readableCount());
        assertEquals(1, chain.writableCount());
        assertEquals(buffers + 16, chain.readableAddress(1));
        assertEquals(15, chain.readable(1).remaining());
        assertEquals(buffers + 32, chain.writableAddress(0));
        assertEquals(31, chain.readableBytes());
        assertEquals(14, chain.writableBytes());
        chain.writable(0).put((byte) 42);
        device.publishUsed(head, 1);
        assertEquals(-1, driver.takeUsed(), "not visible before the flush");
        device.flushUsed();
        assertEquals(head, driver.takeUsed());
        assertEquals(1, driver.usedLengthBytes());
        assertEquals(42, memory.slice(buffers + 32, 1).get(0));
        assertEquals(SIZE, driver.freeDescriptors());
        assertEquals(-1, driver.takeUsed());
    }

    @Test
    void indirectChainTakesOneDescriptor() {
        DriverQueue driver = new DriverQueue(memory, layout, false);
        DeviceQueue device = new DeviceQueue(memory, layout, false);
        long[] addresses = {buffers, buffers + 100, buffers + 200};
        int[] lengths = {10, 20, 30};
        int head = driver.addIndirect(buffers + 1024, 48, addresses, lengths, 1, 2);
        assertEquals(SIZE - 1, driver.freeDescriptors());
        driver.publish(head);
        driver.flush();
        assertEquals(head, device.take());
        device.read(head, chain);
        assertEquals(1, chain.readableCount());
        assertEquals(2, chain.writableCount());
        assertEquals(buffers + 200, chain.writableAddress(1));
        assertEquals(30, chain.writableLengthBytes(1));
        device.publishUsed(head, 50);
        device.flushUsed();
        assertEquals(head, driver.takeUsed());
        assertEquals(50, driver.usedLengthBytes());
        assertEquals(SIZE, driver.freeDescriptors());
    }

    @Test
    void fullRingRefusesAndRecoversAfterACompletion() {
        DriverQueue driver = new DriverQueue(memory, layout, true);
        DeviceQueue device = new DeviceQueue(memory, layout, true);
        for (int i = 0; i < SIZE; i++) {
            driver.publish(add(driver, 1, 0));
        }
        assertEquals(-1, add(driver, 1, 0));
        assertEquals(
                -1, driver.addIndirect(buffers, 16, new long[] {buffers}, new int[] {1}, 1, 0));
        driver.flush();
        assertEquals(SIZE, device.available());
        int first = device.take();
        device.publishUsed(first, 0);
        device.flushUsed();
        assertEquals(first, driver.takeUsed());
        assertEquals(first, add(driver, 1, 0));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void kicksAndNotificationsComeOnlyWhenWanted(boolean eventIdx) {
        DriverQueue driver = new DriverQueue(memory, layout, eventIdx);
        DeviceQueue device = new DeviceQueue(memory, layout, eventIdx);
        assertFalse(driver.shouldKick(), "nothing flushed");
        driver.publish(add(driver, 0, 1));
        driver.flush();
        assertTrue(driver.shouldKick());
        assertFalse(driver.shouldKick(), "asked already");
        int head = device.take();
        driver.publish(add(driver, 0, 1));
        driver.flush();
        assertEquals(!eventIdx, driver.shouldKick(), "the index that was asked for has passed");
        assertTrue(device.enableKicks(), "a chain arrived meanwhile");
        device.take();
        assertFalse(device.enableKicks());
        driver.publish(add(driver, 0, 1));
        driver.flush();
        assertTrue(driver.shouldKick());

        assertFalse(driver.enableNotifications());
        device.publishUsed(head, 1);
        device.flushUsed();
        assertTrue(device.shouldNotify());
        assertTrue(driver.enableNotifications(), "a completion arrived meanwhile");
        driver.takeUsed();
        driver.disableNotifications();
        device.publishUsed((head + 1) % SIZE, 1);
        device.flushUsed();
        assertFalse(device.shouldNotify());
    }

    @Test
    void indicesWrapAroundAfter65536Chains() {
        DriverQueue driver = new DriverQueue(memory, layout, true);
        DeviceQueue device = new DeviceQueue(memory, layout, true);
        for (int i = 0; i < 3 * 65536 + 5; i++) {
            int head = add(driver, 1, 1);
            driver.publish(head);
            driver.flush();
            assertTrue(driver.shouldKick(), "chain " + i);
            assertEquals(head, device.take());
            assertFalse(device.enableKicks());
            device.publishUsed(head, 1);
            device.flushUsed();
            assertTrue(device.shouldNotify(), "chain " + i);
            assertEquals(head, driver.takeUsed());
            assertFalse(driver.enableNotifications());
        }
        assertEquals(5, device.lastTakenIndex());
    }

    @Test
    void nextIncarnationGoesOnWhereTheLastOneDied() {
        DriverQueue driver = new DriverQueue(memory, layout, true);
        DeviceQueue first = new DeviceQueue(memory, layout, true);
        int[] heads = new int[5];
        for (int i = 0; i < heads.length; i++) {
            heads[i] = add(driver, 0, 1);
            driver.publish(heads[i]);
        }
        driver.flush();
        for (int i = 0; i < 3; i++) {
            assertEquals(heads[i], first.take());
        }
        first.publishUsed(heads[1], 1);
        first.flushUsed();
        int position = first.lastTakenIndex();

        DeviceQueue second = new DeviceQueue(memory, layout, true);
        second.resumeFrom(position);
        assertEquals(2, second.outstandingChains());
        assertEquals(heads[3], second.take());
        assertEquals(heads[4], second.take());
        assertEquals(-1, second.take());

        DeviceQueue third = new DeviceQueue(memory, layout, true);
        third.resumeFrom(heads.length);
        assertEquals(4, third.outstandingChains());
        assertEquals(-1, third.take());
        for (int head : new int[] {heads[4], heads[0], heads[3], heads[2]}) {
            third.publishUsed(head, 0);
        }
        assertThrows(IllegalStateException.class, () -> third.publishUsed(heads[2], 0));
        third.flushUsed();
        assertEquals(heads[1], driver.takeUsed());
        assertEquals(heads[4], driver.takeUsed());
        assertEquals(heads[0], driver.takeUsed());
        assertEquals(heads[3], driver.takeUsed());
        assertEquals(heads[2], driver.takeUsed());
        assertEquals(SIZE, driver.freeDescriptors());
    }

    @Test
    void resumingFromAnImpossiblePositionBreaksTheRing() {
        DriverQueue driver = new DriverQueue(memory, layout, true);
        driver.publish(add(driver, 0, 1));
        driver.flush();
        DeviceQueue device = new DeviceQueue(memory, layout, true);
        assertThrows(RingViolationException.class, () -> device.resumeFrom(2));
        assertTrue(device.isBroken());
        assertThrows(RingViolationException.class, device::take);
    }
}
