package io.chainring.ring.virtqueue;

import static io.chainring.ring.virtqueue.Descriptor.FLAG_INDIRECT;
import static io.chainring.ring.virtqueue.Descriptor.FLAG_NEXT;
import static io.chainring.ring.virtqueue.Descriptor.FLAG_WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.ring.memory.DirectRingMemory;
import io.chainring.ring.memory.RingViolationException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Chains and available rings that no driver writes, each named in the violation's message. */
class MalformedChainTest {
    private static final int SIZE = 4;
    private static final int TABLE_BYTES = 512;

    private final DirectRingMemory memory = new DirectRingMemory();
    private final QueueLayout layout =
            QueueLayout.contiguous(memory.allocateRegion(QueueLayout.bytesFor(SIZE)), SIZE);
    private final long buffers = memory.allocateRegion(4096);
    private final long table = memory.allocateRegion(TABLE_BYTES);
    private final RawRing raw = new RawRing(memory, layout);
    private final DeviceQueue device = new DeviceQueue(memory, layout, false);
    private final ChainBuffers chain = new ChainBuffers(6, 8192);

    private void assertViolation(String message) {
        RingViolationException violation =
                assertThrows(RingViolationException.class, () -> device.read(0, chain));
        assertTrue(violation.getMessage().contains(message), violation.getMessage());
        assertTrue(device.isBroken());
        assertEquals(0, chain.readableCount() + chain.writableCount());
        assertThrows(RingViolationException.class, device::take, "a broken ring stays broken");
        assertThrows(RingViolationException.class, device::available);
        assertThrows(RingViolationException.class, device::enableKicks);
    }

    @Test
    void loopOfDescriptors() {
        for (int i = 0; i < SIZE; i++) {
            raw.descriptor(i, buffers, 1, FLAG_NEXT, (i + 1) % SIZE);
        }
        assertViolation("loop");
    }

    @Test
    void descriptorThatNamesItself() {
        raw.descriptor(0, buffers, 1, FLAG_NEXT, 0);
        assertViolation("loop");
    }

    @Test
    void longestChainIsNoLoop() {
        for (int i = 0; i < SIZE; i++) {
            raw.descriptor(i, buffers, 1, i < SIZE - 1 ? FLAG_NEXT : 0, i + 1);
        }
        device.read(0, chain);
        assertEquals(SIZE, chain.readableCount());
    }

    @Test
    void nextOutsideTheTable() {
        raw.descriptor(0, buffers, 1, FLAG_NEXT, SIZE);
        assertViolation("descriptor[0].next is 4");
    }

    @Test
    void emptyBuffer() {
        raw.descriptor(0, buffers, 0, 0, 0);
        assertViolation("descriptor[0].len is 0");
    }

    @Test
    void bufferOutsideTheMemory() {
        raw.descriptor(0, buffers + 4090, 7, 0, 0);
        assertViolation("0x" + Long.toHexString(buffers + 4096));
    }

    @Test
    void bufferAtTheEndOfTheAddresses() {
        raw.descriptor(0, -1, 0xFFFF_FFFFL, 0, 0);
        assertViolation("0xffffffffffffffff");
    }

    @Test
    void readableBehindWritable() {
        raw.descriptor(0, buffers, 1, FLAG_NEXT | FLAG_WRITE, 1);
        raw.descriptor(1, buffers, 1, 0, 0);
        assertViolation("readable buffer behind a writable");
    }

    @Test
    void moreBytesThanTheLimit() {
        raw.descriptor(0, buffers, 4096, FLAG_NEXT, 1);
        raw.descriptor(1, buffers, 4096, FLAG_NEXT, 2);
        raw.descriptor(2, buffers, 1, 0, 0);
        assertViolation("more than 8192 bytes");
    }

    @Test
    void moreSegmentsThanTheLimit() {
        raw.descriptor(0, buffers, 1, FLAG_NEXT, 1);
        raw.descriptor(1, table, 6 * 16, FLAG_INDIRECT, 0);
        for (int i = 0; i < 6; i++) {
            raw.descriptorAt(table, i, buffers, 1, i < 5 ? FLAG_NEXT : 0, i + 1);
        }
        assertViolation("more than 6 segments");
    }

    @Test
    void tableBehindPlainDescriptorsIsAllowedAndItsWriteFlagIgnored() {
        raw.descriptor(0, buffers, 1, FLAG_NEXT, 1);
        raw.descriptor(1, table, 3 * 16, FLAG_INDIRECT | FLAG_WRITE, 0);
        raw.descriptorAt(table, 0, buffers + 1, 2, FLAG_NEXT, 2);
        raw.descriptorAt(table, 2, buffers + 3, 4, FLAG_WRITE, 0);
        device.read(0, chain);
        assertEquals(2, chain.readableCount());
        assertEquals(1, chain.writableCount());
        assertEquals(buffers + 3, chain.writableAddress(0));
        assertFalse(device.isBroken());
    }

    @Test
    void tableInATable() {
        raw.descriptor(0, table, 16, FLAG_INDIRECT, 0);
        raw.descriptorAt(table, 0, table, 16, FLAG_INDIRECT, 0);
        assertViolation("descriptor[0].flags is 4: an indirect table holds another one");
    }

    @Test
    void tableWithNext() {
        raw.descriptor(0, table, 16, FLAG_INDIRECT | FLAG_NEXT, 1);
        assertViolation("descriptor[0].flags is 5");
    }

    @Test
    void tableOfNoLength() {
        raw.descriptor(0, table, 0, FLAG_INDIRECT, 0);
        assertViolation("descriptor[0].len is 0");
    }

    @Test
    void tableOfBrokenLength() {
        raw.descriptor(0, table, 40, FLAG_INDIRECT, 0);
        assertViolation("descriptor[0].len is 40");
    }

    @Test
    void oversizedTable() {
        raw.descriptor(0, table, 7 * 16, FLAG_INDIRECT, 0);
        assertViolation("descriptor[0].len is 112");
    }

    @Test
    void tableOutsideTheMemory() {
        raw.descriptor(0, table + TABLE_BYTES - 16, 32, FLAG_INDIRECT, 0);
        raw.descriptorAt(table, TABLE_BYTES / 16 - 1, buffers, 1, FLAG_NEXT, 1);
        assertViolation("region of ring memory");
    }

    @Test
    void loopInATable() {
        raw.descriptor(0, table, 32, FLAG_INDIRECT, 0);
        raw.descriptorAt(table, 0, buffers, 1, FLAG_NEXT, 1);
        raw.descriptorAt(table, 1, buffers, 1, FLAG_NEXT, 0);
        assertViolation("loop");
    }

    @Test
    void nextOutsideATable() {
        raw.descriptor(0, table, 32, FLAG_INDIRECT, 0);
        raw.descriptorAt(table, 0, buffers, 1, FLAG_NEXT, 2);
        assertViolation("descriptor[0].next is 2");
    }

    @Test
    void bufferOverTouchingRegionsBecomesSegments() {
        long guest = 1L << 32;
        memory.addRegionAt(guest, ByteBuffer.allocateDirect(4096));
        memory.addRegionAt(guest + 4096, ByteBuffer.allocateDirect(64));
        raw.descriptor(0, guest + 4000, 120, FLAG_WRITE, 0);
        device.read(0, chain);
        assertEquals(2, chain.writableCount());
        assertEquals(96, chain.writableLengthBytes(0));
        assertEquals(24, chain.writableLengthBytes(1));
        assertEquals(guest + 4096, chain.writableAddress(1));
        assertEquals(24, chain.writable(1).remaining());
        assertEquals(120, chain.writableBytes());
    }

    @Test
    void segmentsOutsideTheChainAreNotReached() {
        raw.descriptor(0, buffers, 1, FLAG_NEXT, 1);
        raw.descriptor(1, buffers, 1, FLAG_WRITE, 0);
        device.read(0, chain);
        assertThrows(IndexOutOfBoundsException.class, () -> chain.readable(1));
        assertThrows(IndexOutOfBoundsException.class, () -> chain.writable(1));
        assertThrows(IndexOutOfBoundsException.class, () -> chain.writable(-1));
    }

    @Test
    void headOutsideTheTable() {
        raw.available(0, SIZE);
        raw.availableIndex(1);
        RingViolationException violation = assertThrows(RingViolationException.class, device::take);
        assertEquals("avail.ring[0] is 4: the ring has 4", violation.getMessage());
    }

    @Test
    void headPublishedTwice() {
        raw.available(0, 2);
        raw.available(1, 2);
        raw.availableIndex(2);
        assertEquals(2, device.take());
        RingViolationException violation = assertThrows(RingViolationException.class, device::take);
        assertEquals("avail.ring[1] is 2, which is still outstanding", violation.getMessage());
    }

    @Test
    void headMayComeBackOnceItIsCompleted() {
        raw.available(0, 2);
        raw.available(1, 2);
        raw.availableIndex(2);
        assertEquals(2, device.take());
        device.publishUsed(2, 0);
        assertEquals(2, device.take());
    }

    @Test
    void availableIndexThatRunsTooFar() {
        raw.availableIndex(SIZE + 1);
        RingViolationException violation =
                assertThrows(RingViolationException.class, device::available);
        assertTrue(violation.getMessage().startsWith("avail.idx is 5"), violation.getMessage());
    }

    @Test
    void availableIndexThatGoesBack() {
        raw.availableIndex(0xFFFF);
        assertThrows(RingViolationException.class, device::enableKicks);
        assertTrue(device.isBroken());
    }

    @Test
    void moreChainsThanTheRingHasDescriptors() {
        for (int i = 0; i < SIZE; i++) {
            raw.available(i, i);
        }
        raw.availableIndex(SIZE);
        for (int i = 0; i < SIZE; i++) {
            assertEquals(i, device.take());
        }
        assertEquals(-1, device.take());
        raw.availableIndex(SIZE + 1);
        assertThrows(RingViolationException.class, device::take);
    }
}
