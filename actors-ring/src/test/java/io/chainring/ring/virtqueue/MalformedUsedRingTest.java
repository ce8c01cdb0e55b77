package io.chainring.ring.virtqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.ring.memory.DirectRingMemory;
import io.chainring.ring.memory.RingViolationException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Used rings that no device writes, and calls that no driver makes. */
class MalformedUsedRingTest {
    private static final int SIZE = 8;

    private final DirectRingMemory memory = new DirectRingMemory();
    private final QueueLayout layout =
            QueueLayout.contiguous(memory.allocateRegion(QueueLayout.bytesFor(SIZE)), SIZE);
    private final long buffers = memory.allocateRegion(4096);
    private final RawRing raw = new RawRing(memory, layout);
    private final DriverQueue driver = new DriverQueue(memory, layout, true);
    private int head;

    @BeforeEach
    void publishOneChain() {
        head = driver.add(new long[] {buffers, buffers + 64}, new int[] {16, 10}, 1, 1);
        driver.publish(head);
        driver.flush();
    }

    private void assertViolation(String message) {
        RingViolationException violation =
                assertThrows(RingViolationException.class, driver::takeUsed);
        assertTrue(violation.getMessage().startsWith(message), violation.getMessage());
        assertTrue(driver.isBroken());
        assertTrue(driver.isOutstanding(head), "nothing was freed");
        assertEquals(SIZE - 2, driver.freeDescriptors());
        assertThrows(RingViolationException.class, driver::takeUsed);
        assertThrows(RingViolationException.class, driver::enableNotifications);
    }

    @Test
    void idOutsideTheTable() {
        raw.used(0, 0xFFFF_FFFFL, 0);
        raw.usedIndex(1);
        assertViolation("used.ring[0].id is 4294967295");
    }

    @Test
    void idThatIsNoHead() {
        raw.used(0, head + 1, 0);
        raw.usedIndex(1);
        assertViolation("used.ring[0].id is " + (head + 1));
    }

    @Test
    void moreBytesThanTheChainHasRoomFor() {
        raw.used(0, head, 11);
        raw.usedIndex(1);
        assertViolation("used.ring[0].len is 11");
    }

    @Test
    void indexThatRunsPastTheOutstandingChains() {
        raw.used(0, head, 1);
        raw.usedIndex(2);
        assertViolation("used.idx is 2, 2 ahead, but only 1 chains are outstanding");
    }

    @Test
    void indexThatGoesBack() {
        raw.usedIndex(0xFFFF);
        assertViolation("used.idx is 65535");
    }

    @Test
    void completionTwice() {
        int second = driver.add(new long[] {buffers}, new int[] {1}, 0, 1);
        driver.publish(second);
        driver.flush();
        raw.used(0, second, 1);
        raw.used(1, second, 1);
        raw.usedIndex(2);
        assertEquals(second, driver.takeUsed());
        assertViolation("used.ring[1].id is " + second);
    }

    @Test
    void completionOfAChainThatWasNeverFlushed() {
        raw.used(0, head, 10);
        raw.usedIndex(1);
        assertEquals(head, driver.takeUsed());
        assertEquals(10, driver.usedLengthBytes());
        head = driver.add(new long[] {buffers, buffers}, new int[] {1, 1}, 0, 2);
        driver.publish(head);
        raw.used(1, head, 1);
        raw.usedIndex(2);
        assertViolation("used.idx is 2, 1 ahead, but only 0 chains");
    }

    @Test
    void callsThatMakeNoChainAreRefusedAndTakeNothing() {
        long[] addresses = {buffers, buffers};
        int[] lengths = {1, 1};
        int free = driver.freeDescriptors();
        for (int[] counts : new int[][] {{0, 0}, {-1, 2}, {2, -1}, {2, 1}, {SIZE, 1}, {0, 9}}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> driver.add(addresses, lengths, counts[0], counts[1]));
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> driver.add(addresses, new int[] {1, 0}, 1, 1));
        assertThrows(
                IllegalArgumentException.class,
                () -> driver.addIndirect(buffers, 31, addresses, lengths, 1, 1));
        assertThrows(
                RingViolationException.class,
                () -> driver.addIndirect(buffers + 4080, 32, addresses, lengths, 1, 1));
        assertThrows(IllegalStateException.class, () -> driver.publish(head));
        assertThrows(IllegalStateException.class, () -> driver.publish(head + 2));
        assertThrows(IllegalStateException.class, () -> driver.publish(-1));
        assertThrows(IllegalStateException.class, () -> driver.publish(SIZE));
        assertEquals(free, driver.freeDescriptors());
        assertFalse(driver.isBroken());
        assertFalse(driver.isOutstanding(-1));
        assertFalse(driver.isOutstanding(SIZE));
    }

    @Test
    void randomUsedRingsFreeOutstandingChainsOrBreakTheRing() {
        SplittableRandom random = Seed.random(getClass());
        int violations = 0;
        int completions = 0;
        for (int round = 0; round < 50_000; round++) {
            DriverQueue queue = new DriverQueue(memory, layout, random.nextBoolean());
            int chains = random.nextInt(5);
            for (int i = 0; i < chains; i++) {
                queue.publish(queue.add(new long[] {buffers}, new int[] {4}, 0, 1));
            }
            queue.flush();
            raw.usedIndex(random.nextInt(chains + 2));
            for (int slot = 0; slot < SIZE; slot++) {
                raw.used(slot, random.nextInt(chains + 2), random.nextInt(6));
            }
            try {
                for (int taken = queue.takeUsed(); taken >= 0; taken = queue.takeUsed()) {
                    assertTrue(taken < chains);
                    assertTrue(queue.usedLengthBytes() <= 4);
                    completions++;
                }
            } catch (RingViolationException e) {
                violations++;
            }
            assertEquals(SIZE - queue.outstandingChains(), queue.freeDescriptors());
        }
        assertTrue(violations > 1000 && completions > 1000, violations + ", " + completions);
    }
}
