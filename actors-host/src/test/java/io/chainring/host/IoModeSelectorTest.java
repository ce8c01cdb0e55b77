package io.chainring.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import org.junit.jupiter.api.Test;

class IoModeSelectorTest {
    private static final HostSettings SETTINGS = HostSettings.from(ConfigFactory.load());
    private static final long FAST = 3_000;
    private static final long SLOW = 2_000_000;
    private static final long STALL = 30_000_000;

    private final IoModeSelector auto = new IoModeSelector(SETTINGS.withIo(IoMode.AUTO));

    private void observe(long nanos, int times) {
        for (int i = 0; i < times; i++) {
            auto.observed(nanos, 4096);
        }
    }

    /** How many fast ones it takes to come back inline. */
    private int calmNeeded() {
        int count = 0;
        while (!auto.inline()) {
            observe(FAST, 1);
            count++;
        }
        return count;
    }

    @Test
    void staysWhereItIsToldTo() {
        IoModeSelector inline = new IoModeSelector(SETTINGS.withIo(IoMode.INLINE));
        IoModeSelector pool = new IoModeSelector(SETTINGS.withIo(IoMode.POOL));
        for (int i = 0; i < 1000; i++) {
            assertFalse(inline.observed(STALL, 512));
            assertFalse(pool.observed(FAST, 512));
        }
        assertTrue(inline.inline());
        assertFalse(pool.inline());
    }

    @Test
    void beginsInlineAndLeavesForAShareOfSlowOnes() {
        assertTrue(auto.inline());
        observe(FAST, 64 * 100);
        for (int i = 0; i < 30; i++) {
            observe(FAST, 61);
            observe(SLOW, 3);
        }
        assertTrue(auto.inline(), "three of 64 are an accident");
        observe(SLOW, 3);
        assertTrue(auto.inline());
        assertTrue(auto.observed(SLOW, 4096), "the change is told");
        assertFalse(auto.inline());
    }

    @Test
    void leavesForOneStall() {
        assertTrue(auto.observed(STALL, 512));
        assertFalse(auto.inline());
    }

    @Test
    void largeOnesMayTakeLonger() {
        for (int i = 0; i < 1000; i++) {
            auto.observed(SLOW, 2 << 20);
        }
        assertTrue(auto.inline());
    }

    @Test
    void comesBackAfterACalmAndLaterEachTimeThatDidNotLast() {
        observe(STALL, 1);
        assertEquals(256, calmNeeded());
        observe(STALL, 1);
        assertEquals(512, calmNeeded());
        observe(STALL, 1);
        observe(SLOW, 200);
        assertTrue(calmNeeded() >= 1024);
        observe(FAST, 64 * 64);
        observe(STALL, 1);
        assertEquals(256, calmNeeded(), "it lasted");
        for (int i = 0; i < 20; i++) {
            observe(STALL, 1);
            assertTrue(calmNeeded() <= 64 * 64);
        }
    }
}
