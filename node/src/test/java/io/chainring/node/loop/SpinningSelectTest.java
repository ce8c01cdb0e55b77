package io.chainring.node.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.SelectStrategy;
import org.junit.jupiter.api.Test;

class SpinningSelectTest {
    private static final long SPIN_NANOS = 40_000;

    private long nowNanos = 1_000_000;
    private int ready;

    private SpinningSelect select(boolean adaptive) {
        return new SpinningSelect(SPIN_NANOS, adaptive, () -> nowNanos);
    }

    private int ask(SpinningSelect select, boolean hasTasks) throws Exception {
        return select.calculateStrategy(() -> ready, hasTasks);
    }

    /** Lets an idle loop spin and then sleep; how long it spun. */
    private long idle(SpinningSelect select) throws Exception {
        long began = nowNanos;
        int rounds = 0;
        while (ask(select, false) == SelectStrategy.CONTINUE) {
            nowNanos += 1000;
            assertTrue(++rounds < 1000, "spins for ever");
        }
        long spun = nowNanos - began;
        nowNanos += 5_000_000;
        return spun;
    }

    @Test
    void spinsAsLongAsSetThenSleeps() throws Exception {
        SpinningSelect select = select(false);
        for (int i = 0; i < 5; i++) {
            assertEquals(SPIN_NANOS, idle(select));
        }
    }

    @Test
    void whatIsReadyEndsTheSpin() throws Exception {
        SpinningSelect select = select(false);
        assertEquals(SelectStrategy.CONTINUE, ask(select, false));
        ready = 3;
        assertEquals(3, ask(select, false));
        ready = 0;
        nowNanos += SPIN_NANOS - 1;
        assertEquals(SelectStrategy.CONTINUE, ask(select, false));
        nowNanos += 1;
        assertEquals(SelectStrategy.SELECT, ask(select, false));
    }

    @Test
    void tasksAreNeverKeptWaiting() throws Exception {
        SpinningSelect select = select(true);
        assertEquals(0, ask(select, true));
        ready = 2;
        assertEquals(2, ask(select, true));
    }

    @Test
    void adaptiveSpinsLessWhereItFindsNothing() throws Exception {
        SpinningSelect select = select(true);
        long before = SPIN_NANOS;
        assertEquals(before, idle(select));
        for (int i = 0; i < 10; i++) {
            idle(select);
            assertTrue(
                    select.windowNanos() < before || before == 0, "window " + select.windowNanos());
            before = select.windowNanos();
        }
        assertEquals(0, select.windowNanos());
        assertEquals(0, idle(select));
    }

    @Test
    void adaptiveTriesAgainAndStaysWhereItFindsWork() throws Exception {
        SpinningSelect select = select(true);
        while (select.windowNanos() > 0) {
            idle(select);
        }
        int sleeps = 0;
        while (select.windowNanos() == 0) {
            idle(select);
            assertTrue(++sleeps <= 64, "does not try again");
        }
        for (int i = 0; i < 3; i++) {
            assertEquals(SelectStrategy.CONTINUE, ask(select, false));
            ready = 1;
            assertEquals(1, ask(select, false));
            ready = 0;
        }
        assertEquals(SPIN_NANOS, select.windowNanos());
    }
}
