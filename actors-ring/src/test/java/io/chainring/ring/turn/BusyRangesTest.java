package io.chainring.ring.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.chainring.base.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Claims of ranges against a plain list of them. */
final class BusyRangesTest {
    private record Claim(int claim, long offset, long length, boolean writes, long order) {
        boolean isInTheWayOf(long otherOffset, long otherLength, boolean otherWrites) {
            return (writes || otherWrites)
                    && offset < otherOffset + otherLength
                    && otherOffset < offset + length;
        }
    }

    private final BusyRanges ranges = new BusyRanges();
    private final List<Claim> held = new ArrayList<>();
    private final SplittableRandom random = Seed.random(BusyRangesTest.class);

    @Test
    void whoIsInTheWayIsThatOfAList() {
        long order = 0;
        for (int step = 0; step < 40_000; step++) {
            // Up to a thousand ranges, down to none, in a space that widens and narrows.
            boolean growing = step % 4000 < 2000;
            if (!held.isEmpty() && random.nextInt(4) < (growing ? 1 : 3)) {
                ranges.remove(held.remove(random.nextInt(held.size())).claim());
            } else {
                long space = 1L << 4 + step / 4000 * 6;
                long length = random.nextLong(random.nextInt(10) == 0 ? space / 2 : 9);
                long offset = random.nextLong(space);
                boolean writes = random.nextInt(3) == 0;
                assertEquals(
                        expected(offset, length, writes, false),
                        ranges.oldest(offset, length, writes));
                assertEquals(
                        expected(offset, length, writes, true),
                        ranges.youngest(offset, length, writes));
                int claim = ranges.add(offset, length, writes, order++);
                if (length > 0) {
                    held.add(new Claim(claim, offset, length, writes, order));
                }
            }
            assertEquals(held.size(), ranges.count());
        }
    }

    private int expected(long offset, long length, boolean writes, boolean youngest) {
        Claim found = null;
        for (Claim one : held) {
            if (length > 0
                    && one.isInTheWayOf(offset, length, writes)
                    && (found == null || youngest == one.order() > found.order())) {
                found = one;
            }
        }
        return found == null ? BusyRanges.NONE : found.claim();
    }

    @Test
    void theWholeOfTheLargestDiskIsARange() {
        int all = ranges.add(0, Long.MAX_VALUE, true, 0);
        assertEquals(all, ranges.oldest(Long.MAX_VALUE - 1, 1, false));
        assertEquals(all, ranges.oldest(0, 1, false));
        int beyond = ranges.add(Long.MAX_VALUE - 512, Long.MAX_VALUE, true, 1);
        ranges.remove(all);
        assertEquals(beyond, ranges.oldest(0, Long.MAX_VALUE, false));
        assertEquals(BusyRanges.NONE, ranges.oldest(0, 512, true));
    }

    @Test
    void whatIsNoRangeOrNoClaimIsRefused() {
        int claim = ranges.add(0, 1536, true, 0);
        ranges.remove(claim);
        assertThrows(IllegalStateException.class, () -> ranges.remove(claim));
        assertThrows(IllegalStateException.class, () -> ranges.remove(1000));
        assertThrows(IllegalArgumentException.class, () -> ranges.oldest(-512, 512, true));
        assertThrows(IllegalArgumentException.class, () -> ranges.add(0, -512, true, 0));
        assertEquals(0, ranges.count());
    }
}
