package io.chainring.ring.turn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The last recoveries, in their order, and the number of all. */
final class RecoveryTimesTest {
    private final RecoveryTimes times = new RecoveryTimes();

    @Test
    void noneIsNone() {
        assertEquals(0, times.lastNanos());
        assertEquals(0, times.seen().count());
        assertEquals(0, times.seen().latestNanos().length);
    }

    @Test
    void theLastOnesAreKeptInTheirOrder() {
        int all = 3 * RecoveryTimes.KEPT + 5;
        for (int i = 1; i <= all; i++) {
            times.add(i);
            RecoveryTimes.Seen seen = times.seen();
            assertEquals(i, seen.count());
            assertEquals(i, times.lastNanos());
            long first = Math.max(1, i - RecoveryTimes.KEPT + 1);
            assertArrayEquals(LongStream.rangeClosed(first, i).toArray(), seen.latestNanos());
        }
    }
}
