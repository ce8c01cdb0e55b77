package io.chainring.ring.virtqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.ring.memory.DirectRingMemory;
import io.chainring.ring.memory.RingViolationException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Rings full of nonsense: every chain is either refused with a violation or is one that a second,
 * naive reading of the same memory accepts too; the number of chains and steps is bounded.
 */
@Timeout(120)
class HostileRingFuzzTest {
    private static final int SIZE = 8;
    private static final int ROUNDS = 150_000;
    private static final int MAX_SEGMENTS = 12;
    private static final long MAX_BYTES = 20_000;
    private static final long GUEST = 1L << 33;

    private final DirectRingMemory memory = new DirectRingMemory();
    private final long ring = memory.allocateRegion(QueueLayout.bytesFor(SIZE));
    private final QueueLayout layout = QueueLayout.contiguous(ring, SIZE);
    private final RawRing raw = new RawRing(memory, layout);
    private final long table = memory.allocateRegion(16 * 16);
    private final NaiveChainReader naive =
            new NaiveChainReader(memory, layout, MAX_SEGMENTS, MAX_BYTES);
    private final ChainBuffers chain = new ChainBuffers(MAX_SEGMENTS, MAX_BYTES);

    HostileRingFuzzTest() {
        memory.addRegionAt(GUEST, ByteBuffer.allocateDirect(4096));
        memory.addRegionAt(GUEST + 4096, ByteBuffer.allocateDirect(4096));
    }

    @Test
    void randomRingsAreRefusedOrReadAsTheyAre() {
        SplittableRandom random = Seed.random(getClass());
        int accepted = 0;
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            fill(random);
            DeviceQueue device = new DeviceQueue(memory, layout, random.nextBoolean());
            int chains = 0;
            try {
                for (int head = device.take(); head >= 0; head = device.take()) {
                    assertTrue(++chains <= SIZE, "bounded");
                    boolean wellFormed = naive.read(head);
                    readAsNaive(device, head, wellFormed);
                    accepted++;
                }
            } catch (RingViolationException e) {
                assertNotNull(e.getMessage());
                assertTrue(device.isBroken());
                refused++;
            }
        }
        assertTrue(accepted > ROUNDS / 10 && refused > ROUNDS / 10, accepted + ", " + refused);
    }

    private void readAsNaive(DeviceQueue device, int head, boolean wellFormed) {
        try {
            device.read(head, chain);
        } catch (RingViolationException e) {
            assertTrue(!wellFormed, () -> "refused a chain that is one: " + e.getMessage());
            throw e;
        }
        assertTrue(wellFormed, "accepted a chain that is none");
        assertEquals(naive.readable(), segments(true));
        assertEquals(naive.writable(), segments(false));
    }

    /** Address ranges of the segments, those that touch joined as the naive reader joins them. */
    private String segments(boolean readable) {
        StringBuilder joined = new StringBuilder();
        int count = readable ? chain.readableCount() : chain.writableCount();
        for (int i = 0; i < count; i++) {
            ByteBuffer bytes = readable ? chain.readable(i) : chain.writable(i);
            long address = readable ? chain.readableAddress(i) : chain.writableAddress(i);
            assertTrue(bytes.remaining() > 0);
            for (int at = bytes.position(); at < bytes.limit(); at += bytes.remaining()) {
                bytes.get(at);
            }
            NaiveChainReader.appendRange(joined, address, bytes.remaining());
        }
        return joined.toString();
    }

    private void fill(SplittableRandom random) {
        boolean tame = random.nextInt(3) > 0;
        for (int i = 0; i < SIZE; i++) {
            randomDescriptor(random, layout.descriptorTableAddress(), i, SIZE, tame);
            raw.available(i, tame ? (i * 3) % SIZE : random.nextInt(SIZE + 2));
        }
        for (int i = 0; i < 16; i++) {
            randomDescriptor(random, table, i, 6, tame);
        }
        int start = random.nextInt(65_536);
        raw.usedIndex(start);
        int ahead = random.nextInt(20) == 0 ? random.nextInt(65_536) : random.nextInt(SIZE + 1);
        raw.availableIndex(start + ahead);
    }

    private void randomDescriptor(
            SplittableRandom random, long at, int index, int entries, boolean tame) {
        long address = GUEST + random.nextInt(8000);
        long length = 1 + random.nextInt(190);
        int flags = random.nextInt(4) == 0 ? Descriptor.FLAG_NEXT : 0;
        if (flags == 0 || random.nextInt(4) == 0) {
            flags |= random.nextInt(2) * Descriptor.FLAG_WRITE;
        }
        int next = random.nextInt(entries);
        if (random.nextInt(8) == 0) {
            flags |= Descriptor.FLAG_INDIRECT;
            address = table;
            length = 16L * (1 + random.nextInt(6));
        }
        if (!tame && random.nextInt(6) == 0) {
            switch (random.nextInt(5)) {
                case 0 -> address = random.nextLong();
                case 1 -> length = random.nextLong() & 0xFFFF_FFFFL;
                case 2 -> flags = random.nextInt(65_536);
                case 3 -> next = random.nextInt(65_536);
                default -> length = random.nextInt(20_000);
            }
        }
        raw.descriptorAt(at, index, address, length, flags, next);
    }

    @Test
    void ringThatChangesWhileItIsReadIsRefusedOrReadWithinBounds() throws Exception {
        long seed = Seed.of(getClass());
        AtomicBoolean stop = new AtomicBoolean();
        Thread hostile =
                new Thread(
                        () -> {
                            SplittableRandom random = new SplittableRandom(seed);
                            while (!stop.get()) {
                                fill(random);
                            }
                        },
                        "hostile-driver");
        hostile.start();
        long finished = 0;
        try {
            for (int round = 0; round < ROUNDS; round++) {
                DeviceQueue device = new DeviceQueue(memory, layout, true);
                try {
                    int taken = 0;
                    for (int head = device.take(); head >= 0; head = device.take()) {
                        assertTrue(++taken <= SIZE);
                        device.read(head, chain);
                        assertTrue(chain.readableCount() + chain.writableCount() <= MAX_SEGMENTS);
                        assertTrue(chain.readableBytes() + chain.writableBytes() <= MAX_BYTES);
                        segments(true);
                        segments(false);
                        finished++;
                    }
                } catch (RingViolationException e) {
                    assertTrue(device.isBroken());
                }
            }
        } finally {
            stop.set(true);
            hostile.join();
        }
        assertTrue(finished > 0, "some chains were read");
    }
}
