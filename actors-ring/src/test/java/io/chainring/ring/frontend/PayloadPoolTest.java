package io.chainring.ring.frontend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.ring.memory.DirectRingMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class PayloadPoolTest {
    private static final int SLABS = 8;

    private final PayloadPool pool =
            new PayloadPool(new DirectRingMemory(), (long) SLABS * PayloadPool.SLAB_BYTES);

    @Test
    void payloadsNeverShareAByteAndEverythingComesBack() {
        SplittableRandom random = Seed.random(PayloadPoolTest.class);
        List<Payload> held = new ArrayList<>();
        List<Byte> marks = new ArrayList<>();
        for (int step = 0; step < 4_000; step++) {
            Payload payload =
                    random.nextBoolean()
                            ? pool.allocate(1 + random.nextInt(1 << random.nextInt(1, 21)))
                            : null;
            if (payload != null) {
                byte mark = (byte) random.nextInt();
                fill(payload, mark);
                held.add(payload);
                marks.add(mark);
            } else if (!held.isEmpty()) {
                int index = random.nextInt(held.size());
                check(held.get(index), marks.get(index));
                held.remove(index).release();
                marks.remove(index);
            }
        }
        for (int i = 0; i < held.size(); i++) {
            check(held.get(i), marks.get(i));
        }
        held.forEach(Payload::release);
        assertEquals(0, pool.usedBytes());
        Payload whole = pool.allocate(SLABS * PayloadPool.SLAB_BYTES);
        assertNotNull(whole, "neighbours have grown together again");
        assertEquals(SLABS, whole.segmentCount());
    }

    private static void fill(Payload payload, byte mark) {
        for (int s = 0; s < payload.segmentCount(); s++) {
            for (int i = 0; i < payload.segment(s).capacity(); i++) {
                payload.segment(s).put(i, mark);
            }
        }
    }

    private static void check(Payload payload, byte mark) {
        int bytes = 0;
        for (int s = 0; s < payload.segmentCount(); s++) {
            for (int i = 0; i < payload.segment(s).capacity(); i++) {
                assertEquals(mark, payload.segment(s).get(i));
                bytes++;
            }
        }
        assertEquals(payload.lengthBytes(), bytes);
    }

    @Test
    void atTheLimitTheAnswerIsNoUntilSomethingComesBack() {
        List<Payload> all = new ArrayList<>();
        for (int i = 0; i < SLABS; i++) {
            all.add(pool.allocate(PayloadPool.SLAB_BYTES));
        }
        assertNull(pool.allocate(1));
        Payload first = all.get(0);
        assertNotNull(first);
        first.release();
        assertNotNull(pool.allocate(1));
        assertNull(pool.allocate(2 * PayloadPool.SLAB_BYTES));
    }

    @Test
    void whatWholeSlabsCannotHoldIsRefusedAtOnceAndNotWaitedForForEver() {
        PayloadPool odd = new PayloadPool(new DirectRingMemory(), PayloadPool.SLAB_BYTES + 4096);
        assertEquals(PayloadPool.SLAB_BYTES, odd.limitBytes());
        assertThrows(
                IllegalArgumentException.class, () -> odd.allocate(PayloadPool.SLAB_BYTES + 1));
        assertNotNull(odd.allocate(PayloadPool.SLAB_BYTES));
    }

    @Test
    void wrongSizesAndSecondReleasesAreErrors() {
        assertThrows(IllegalArgumentException.class, () -> pool.allocate(0));
        assertThrows(
                IllegalArgumentException.class,
                () -> pool.allocate(SLABS * PayloadPool.SLAB_BYTES + 1));
        assertThrows(
                IllegalArgumentException.class,
                () -> new PayloadPool(new DirectRingMemory(), 4096));
        Payload payload = pool.allocate(4096);
        assertNotNull(payload);
        payload.release();
        assertThrows(IllegalStateException.class, payload::release);
        assertTrue(pool.limitBytes() > 0);
    }
}
