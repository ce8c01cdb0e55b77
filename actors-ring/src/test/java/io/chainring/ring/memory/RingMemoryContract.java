package io.chainring.ring.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every ring memory does, whatever it is made of. */
abstract class RingMemoryContract {
    static final int REGION_BYTES = 8192;

    private RingMemory memory;
    private long base;

    /** A memory with one region of {@link #REGION_BYTES} zeroed bytes. */
    abstract RingMemory createMemory() throws Exception;

    /** Address of that region. */
    abstract long baseOf(RingMemory created);

    @BeforeEach
    void create() throws Exception {
        memory = createMemory();
        base = baseOf(memory);
    }

    @Test
    void fieldsAreLittleEndian() {
        memory.setU64(base, 0x1122334455667788L);
        ByteBuffer bytes = memory.slice(base, 8);
        assertEquals((byte) 0x88, bytes.get(0));
        assertEquals((byte) 0x11, bytes.get(7));
        assertEquals(ByteOrder.LITTLE_ENDIAN, bytes.order());
        assertEquals(0x55667788L, memory.getU32(base));
        assertEquals(0x7788, memory.getU16(base));
        assertEquals(0x7788, memory.get16Acquire(base));
        assertEquals(0x7788, memory.get16Volatile(base));
    }

    @Test
    void fieldsAreUnsignedAndKeepTheirNeighbours() {
        memory.setU16(base + 2, 0xFFFF);
        memory.setU32(base + 8, 0xFFFF_FFFFL);
        assertEquals(0xFFFF, memory.getU16(base + 2));
        assertEquals(0xFFFF_FFFFL, memory.getU32(base + 8));
        assertEquals(0, memory.getU16(base));
        assertEquals(0, memory.getU32(base + 4));
        assertEquals(0, memory.getU32(base + 12));
        memory.set16Release(base + 4, 0xFEDC);
        memory.set16Volatile(base + 6, 0xBA98);
        assertEquals(0xBA98FEDCL, memory.getU32(base + 4));
    }

    @Test
    void plainFieldsMayBeUnaligned() {
        memory.setU64(base + 3, -2);
        memory.setU32(base + 17, 0x01020304L);
        memory.setU16(base + 31, 0xABCD);
        assertEquals(-2, memory.getU64(base + 3));
        assertEquals(0x01020304L, memory.getU32(base + 17));
        assertEquals(0xABCD, memory.getU16(base + 31));
    }

    @Test
    void orderedFieldsAtOddAddressesAreViolations() {
        assertThrows(RingViolationException.class, () -> memory.get16Acquire(base + 1));
        assertThrows(RingViolationException.class, () -> memory.get16Volatile(base + 1));
        assertThrows(RingViolationException.class, () -> memory.set16Release(base + 1, 0));
        assertThrows(RingViolationException.class, () -> memory.set16Volatile(base + 1, 0));
    }

    @Test
    void slicesReachToBothEndsAndNotFurther() {
        assertEquals(REGION_BYTES, memory.slice(base, REGION_BYTES).remaining());
        assertEquals(1, memory.slice(base + REGION_BYTES - 1, 1).remaining());
        assertEquals(0, memory.slice(base, 0).remaining());
        for (long address : new long[] {base - 1, base + REGION_BYTES, 0, -1, -base}) {
            assertThrows(
                    RingViolationException.class, () -> memory.slice(address, 1), "" + address);
            assertThrows(
                    RingViolationException.class, () -> memory.slice(address, 0), "" + address);
        }
        for (long address : new long[] {Long.MAX_VALUE, Long.MIN_VALUE}) {
            assertThrows(RingViolationException.class, () -> memory.slice(address, 16));
            assertThrows(RingViolationException.class, () -> memory.getU64(address));
        }
        assertThrows(RingViolationException.class, () -> memory.slice(base + 1, REGION_BYTES));
        assertThrows(RingViolationException.class, () -> memory.slice(base, Integer.MAX_VALUE));
        assertThrows(RingViolationException.class, () -> memory.slice(base, -1));
        assertThrows(RingViolationException.class, () -> memory.getU64(base + REGION_BYTES - 7));
        assertThrows(RingViolationException.class, () -> memory.setU32(base + REGION_BYTES - 3, 0));
        assertThrows(RingViolationException.class, () -> memory.setU16(base + REGION_BYTES - 1, 0));
    }

    @Test
    void addedRegionsLieApartAndAreIndependent() {
        long second = memory.addRegion(ByteBuffer.allocateDirect(4096));
        long third = memory.addRegion(ByteBuffer.allocateDirect(100));
        assertTrue(second >= base + REGION_BYTES + RegionTable.GUARD_BYTES);
        assertTrue(third >= second + 4096 + RegionTable.GUARD_BYTES);
        memory.setU64(second, 7);
        memory.setU64(third + 92, 9);
        assertEquals(0, memory.getU64(base));
        assertEquals(7, memory.getU64(second));
        assertEquals(9, memory.getU64(third + 92));
        assertThrows(RingViolationException.class, () -> memory.getU64(third + 93));
        assertThrows(RingViolationException.class, () -> memory.regionAt(second - 1));
        assertThrows(RingViolationException.class, () -> memory.regionAt(second + 4096));
    }

    @Test
    void regionsOfAGuestKeepTheirAddressesAndMayTouch() {
        long guest = 1L << 40;
        ByteBuffer low = ByteBuffer.allocateDirect(4096);
        memory.addRegionAt(guest + 4096, ByteBuffer.allocateDirect(4096));
        memory.addRegionAt(guest, low);
        memory.addRegionAt(guest - 4096, ByteBuffer.allocateDirect(4096));
        memory.setU16(guest, 0x0201);
        assertEquals(1, low.get(0));
        assertSame(memory.regionAt(guest), memory.regionAt(guest + 4095));
        assertNotEquals(memory.regionAt(guest), memory.regionAt(guest + 4096));
        assertThrows(RingViolationException.class, () -> memory.slice(guest + 4095, 2));
        for (long address : new long[] {guest, guest + 16, guest - 16, guest + 8176, base}) {
            assertThrows(
                    RingViolationException.class,
                    () -> memory.addRegionAt(address, ByteBuffer.allocateDirect(32)));
        }
        for (long address : new long[] {-16, guest + 8193, Long.MAX_VALUE - 15}) {
            assertThrows(
                    RingViolationException.class,
                    () -> memory.addRegionAt(address, ByteBuffer.allocateDirect(32)));
        }
        long behind = memory.addRegion(ByteBuffer.allocateDirect(16));
        assertTrue(behind >= guest + 8192 + RegionTable.GUARD_BYTES);
    }

    @Test
    void buffersThatCannotBeRegionsAreRefused() {
        ByteBuffer direct = ByteBuffer.allocateDirect(64);
        assertThrows(
                IllegalArgumentException.class, () -> memory.addRegion(ByteBuffer.allocate(64)));
        assertThrows(
                IllegalArgumentException.class,
                () -> memory.addRegion(ByteBuffer.allocateDirect(0)));
        assertThrows(
                IllegalArgumentException.class, () -> memory.addRegion(direct.asReadOnlyBuffer()));
        assertThrows(IllegalArgumentException.class, () -> memory.addRegion(direct.slice(1, 32)));
    }

    @Test
    void numberOfRegionsIsLimited() {
        ByteBuffer direct = ByteBuffer.allocateDirect(16);
        IllegalStateException refused =
                assertThrows(
                        IllegalStateException.class,
                        () -> {
                            for (int i = 0; i <= RegionTable.MAX_REGIONS; i++) {
                                memory.addRegion(direct);
                            }
                        });
        assertTrue(refused.getMessage().contains("" + RegionTable.MAX_REGIONS));
        assertEquals(0, memory.getU64(base), "the memory goes on");
    }

    @Test
    void readersSeeWholeTablesWhileRegionsAreAdded() throws Exception {
        CountDownLatch added = new CountDownLatch(1);
        ExecutorService reader = Executors.newSingleThreadExecutor();
        try {
            Future<Long> reads =
                    reader.submit(
                            () -> {
                                long count = 0;
                                while (added.getCount() > 0 || count == 0) {
                                    memory.getU64(base + 8 * (count % 1024));
                                    count++;
                                }
                                return count;
                            });
            for (int i = 0; i < 500; i++) {
                long address = memory.addRegion(ByteBuffer.allocateDirect(16));
                assertEquals(address, memory.regionAt(address + 15).baseAddress());
            }
            added.countDown();
            assertTrue(reads.get(1, TimeUnit.MINUTES) > 0);
        } finally {
            added.countDown();
            reader.shutdown();
        }
    }
}
