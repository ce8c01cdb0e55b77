package io.chainring.ring.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** Ring memory of direct buffers. */
class DirectRingMemoryTest extends RingMemoryContract {
    @Override
    RingMemory createMemory() {
        DirectRingMemory memory = new DirectRingMemory();
        memory.allocateRegion(REGION_BYTES);
        return memory;
    }

    @Override
    long baseOf(RingMemory created) {
        return RegionTable.FIRST_ADDRESS;
    }

    @Test
    void regionsStartAtPagesOfTheirOwn() {
        DirectRingMemory memory = new DirectRingMemory();
        for (int length : new int[] {1, 4095, 4096, 10_000}) {
            RingRegion region = memory.regionAt(memory.allocateRegion(length));
            assertEquals(length, region.lengthBytes());
            assertEquals(0, region.baseAddress() % 4096);
            assertEquals(0, region.bytes().alignmentOffset(0, 4096));
        }
    }

    @Test
    void lengthsOutOfRangeAreRefused() {
        DirectRingMemory memory = new DirectRingMemory();
        for (int length : new int[] {0, -1, Integer.MAX_VALUE}) {
            assertThrows(IllegalArgumentException.class, () -> memory.allocateRegion(length));
        }
    }

    @Test
    void windowMovesWithinItsRegionWithoutANewBuffer() {
        DirectRingMemory memory = new DirectRingMemory();
        RingRegion region = memory.regionAt(memory.allocateRegion(64));
        RegionWindow window = new RegionWindow();
        ByteBuffer first = window.place(region, 16, 8);
        first.putLong(1);
        ByteBuffer second = window.place(region, 20, 40);
        assertSame(first, second);
        assertEquals(20, second.position());
        assertEquals(60, second.limit());
        assertThrows(IndexOutOfBoundsException.class, () -> window.place(region, 60, 5));
        assertThrows(IndexOutOfBoundsException.class, () -> window.place(region, -1, 5));
    }
}
