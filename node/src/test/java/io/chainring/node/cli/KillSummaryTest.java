package io.chainring.node.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.node.disk.DiskStatus;
import org.junit.jupiter.api.Test;

class KillSummaryTest {
    private static DiskStatus disk(long counts, double... recoveriesMillis) {
        return new DiskStatus(
                "a",
                "u",
                "/a",
                512,
                "serving",
                "",
                0,
                0,
                counts,
                0,
                0,
                0,
                9 * counts,
                counts,
                counts,
                counts,
                3 * counts,
                0,
                2 * counts,
                0,
                0,
                0,
                0,
                counts,
                0,
                0,
                7.5,
                counts,
                recoveriesMillis);
    }

    @Test
    void countsAreThoseSinceTheFirstKill() {
        KillSummary some =
                KillSummary.of(2.5, 5, 4, disk(2), disk(6), new double[] {1.5, 2, 40, 50});
        assertEquals(
                "  2.5 s  kills 4 (of 5 asked)  backend restarts 4  host restarts 4  resumed 12  renotified 8"
                        + "  deferred signals 4  completed 36  recovery median 2.0 ms, longest 50.0 ms",
                some.text());
        assertEquals(4, some.recoveries());
    }

    @Test
    void withoutARecoveryThereIsNoMedian() {
        KillSummary none = KillSummary.of(1, 1, 0, disk(2), disk(2), new double[0]);
        assertEquals(0, none.medianRecoveryMillis());
        assertEquals(0, none.longestRecoveryMillis());
    }

    @Test
    void eachRecoveryIsSeenOnce() {
        RecoveriesSeen seen = new RecoveriesSeen(disk(2, 9, 8));
        seen.look(disk(2, 9, 8));
        seen.look(disk(4, 9, 8, 3, 70));
        seen.look(disk(5, 8, 3, 70, 1));
        seen.look(disk(100, 5, 4));
        assertArrayEquals(new double[] {1, 3, 4, 5, 70}, seen.sortedMillis());
    }
}
