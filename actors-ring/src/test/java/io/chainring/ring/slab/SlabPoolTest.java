package io.chainring.ring.slab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.ring.frontend.Payload;
import io.chainring.ring.frontend.PayloadPool;
import io.chainring.ring.memory.DirectRingMemory;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Slabs come and go; memory exists no longer than it is wanted. */
final class SlabPoolTest {
    private static final int SLABS = 16;

    private final ArrayDeque<Runnable> later = new ArrayDeque<>();
    private final SlabPool pool = new SlabPool((long) SLABS * SlabPool.SLAB_BYTES, 2, later::add);

    private SlabPool.Lease open(String disk) {
        SlabPool.Lease lease = pool.open(disk);
        assertNotNull(lease);
        return lease;
    }

    private static List<SlabPool.Slab> takeAll(SlabPool.Lease lease) {
        List<SlabPool.Slab> taken = new ArrayList<>();
        for (SlabPool.Slab slab = lease.take(); slab != null; slab = lease.take()) {
            taken.add(slab);
        }
        return taken;
    }

    private static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(each -> each.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    @Test
    void whatIsNotNeededForAWhileGoesBackToTheSystemAndNotToTheCollector() {
        SlabPool.Lease lease = open("a");
        long before = directBytes();
        List<SlabPool.Slab> slabs = takeAll(lease);
        int count = slabs.size();
        assertTrue(directBytes() - before >= (long) count * SlabPool.SLAB_BYTES);
        slabs.forEach(lease::giveBack);
        slabs.clear();
        assertEquals((long) count * SlabPool.SLAB_BYTES, pool.keptBytes());
        while (!later.isEmpty()) {
            later.remove().run();
        }
        assertEquals(0, pool.keptBytes());
        assertEquals(before, directBytes());
    }

    @Test
    void whatAGreedyRingGivesBackIsForWhoIsBelowItsShare() {
        SlabPool.Lease greedy = open("a");
        List<SlabPool.Slab> had = takeAll(greedy);
        SlabPool.Lease other = open("b");
        List<SlabPool.Slab> share = takeAll(other);
        assertTrue(pool.refusals() >= 2);
        greedy.giveBack(had.remove(0));
        greedy.giveBack(had.remove(0));
        assertNull(greedy.take(), "who is above its share gets no more");
        share.add(other.take());
        assertNotNull(share.get(share.size() - 1));
        share.forEach(other::giveBack);
        other.close();
        assertNotNull(greedy.take());
    }

    @Test
    void aRingForWhichNothingCanBeGuaranteedIsRefused() {
        List<SlabPool.Lease> leases = new ArrayList<>();
        for (int i = 0; i < SLABS; i++) {
            leases.add(open("disk" + i));
        }
        assertNull(pool.open("one more"));
        assertEquals(pool.budgetBytes(), pool.guaranteedBytes());
        leases.get(3).close();
        assertNotNull(pool.open("one more"));
    }

    @Test
    void aRingThatEndsGivesBackWhatItsClientLetGo() {
        SlabPool.Lease lease = open("a");
        PayloadPool payloads =
                new PayloadPool(new DirectRingMemory(), 4L * SlabPool.SLAB_BYTES, lease);
        Payload held = payloads.allocate(SlabPool.SLAB_BYTES);
        Payload back = payloads.allocate(SlabPool.SLAB_BYTES);
        assertNotNull(held);
        assertNotNull(back);
        back.release();
        assertEquals(2L * SlabPool.SLAB_BYTES, pool.usedBytes(), "one free slab is kept");
        lease.close();
        held.release();
        assertEquals(SlabPool.SLAB_BYTES, pool.usedBytes());
    }

    @Test
    void memoryOfALostRingCountsUntilNobodyCanUseIt() {
        SlabPool.Lease lease = open("a");
        List<SlabPool.Slab> slabs = takeAll(lease);
        lease.abandon(slabs);
        assertTrue(pool.usedBytes() > 0);
        slabs.clear();
        Awaitility.await("the collector sees it")
                .atMost(Duration.ofSeconds(60))
                .until(
                        () -> {
                            System.gc();
                            return pool.usedBytes() == 0;
                        });
        assertEquals(2L * SlabPool.SLAB_BYTES, pool.guaranteedBytes());
    }
}
