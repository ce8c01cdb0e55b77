package io.chainring.gateway.nbd.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AcceptPauseCoreTest {
    private final AcceptPauseCore core = new AcceptPauseCore();

    @Test
    void waitsLongerEachTimeUpToALimit() {
        long last = 0;
        for (int i = 0; i < 20; i++) {
            long wait = core.failed(i).waitMillis();
            assertTrue(wait >= last && wait <= AcceptPauseCore.LONGEST_MILLIS, "wait " + wait);
            last = wait;
        }
        assertEquals(AcceptPauseCore.LONGEST_MILLIS, last);
        core.accepted();
        assertEquals(AcceptPauseCore.SHORTEST_MILLIS, core.failed(30).waitMillis());
    }

    @Test
    void aShortageWithClientsThatComeAndGoIsOne() {
        SplittableRandom random = Seed.random(AcceptPauseCoreTest.class);
        long now = 0;
        int begun = 0;
        int over = 0;
        for (int i = 0; i < 10_000; i++) {
            now += random.nextLong(AcceptPauseCore.QUIET_MILLIS);
            if (random.nextBoolean()) {
                core.accepted();
            }
            begun += core.failed(now).begins() ? 1 : 0;
            over += core.over(now + random.nextLong(AcceptPauseCore.QUIET_MILLIS)) ? 1 : 0;
        }
        assertEquals(1, begun);
        assertEquals(0, over);
        assertEquals(10_000, core.failures());
        assertTrue(core.over(now + AcceptPauseCore.QUIET_MILLIS));
        assertFalse(core.over(now + 2 * AcceptPauseCore.QUIET_MILLIS));
        assertTrue(core.failed(now + 3 * AcceptPauseCore.QUIET_MILLIS).begins());
    }
}
