package io.chainring.ring.virtqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.ring.memory.DirectRingMemory;
import io.chainring.ring.memory.RingViolationException;
import org.junit.jupiter.api.Test;

/** Sizes, places and alignment of a queue's areas (virtio 1.2, section 2.7). */
class QueueLayoutTest {
    @Test
    void areasFollowEachOtherWithoutOverlapOnLinesOfTheirOwn() {
        for (int size = 1; size <= QueueLayout.MAX_SIZE_DESCRIPTORS; size *= 2) {
            QueueLayout layout = QueueLayout.contiguous(0x10000, size);
            assertEquals(16 * size, layout.descriptorTableBytes());
            assertEquals(6 + 2 * size, layout.availableRingBytes());
            assertEquals(6 + 8 * size, layout.usedRingBytes());
            assertEquals(0x10000, layout.descriptorTableAddress());
            assertTrue(layout.availableRingAddress() >= 0x10000 + 16L * size);
            assertTrue(
                    layout.usedRingAddress()
                            >= layout.availableRingAddress() + layout.availableRingBytes());
            assertTrue(
                    0x10000 + QueueLayout.bytesFor(size)
                            >= layout.usedRingAddress() + layout.usedRingBytes());
            assertEquals(0, layout.availableRingAddress() % 64);
            assertEquals(0, layout.usedRingAddress() % 64);
        }
    }

    @Test
    void sizesThatAreNoPowerOfTwoAreRefused() {
        for (int size : new int[] {0, -1, 3, 6, 65536, Integer.MIN_VALUE}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new QueueLayout(size, 0, 0, 0),
                    "" + size);
            assertThrows(IllegalArgumentException.class, () -> QueueLayout.bytesFor(size));
            assertThrows(IllegalArgumentException.class, () -> QueueLayout.contiguous(0, size));
        }
    }

    @Test
    void misalignedAreasAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new QueueLayout(8, 8, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new QueueLayout(8, 16, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new QueueLayout(8, 16, 2, 2));
        assertEquals(8, new QueueLayout(8, 16, 2, 4).sizeDescriptors());
    }

    @Test
    void areasOutsideTheMemoryAreViolations() {
        DirectRingMemory memory = new DirectRingMemory();
        long base = memory.allocateRegion(QueueLayout.bytesFor(8));
        QueueLayout tooLong = QueueLayout.contiguous(base, 16);
        assertThrows(RingViolationException.class, () -> new DriverQueue(memory, tooLong, true));
        assertThrows(RingViolationException.class, () -> new DeviceQueue(memory, tooLong, true));
        QueueLayout elsewhere = new QueueLayout(8, base, base + 128, -64);
        assertThrows(RingViolationException.class, () -> new DeviceQueue(memory, elsewhere, true));
    }
}
