package io.chainring.node.loop;

import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Lets a loop look for work for a short while before it sleeps: going to sleep and being woken costs more than a
 * request that is answered from memory. It needs a core to spare, so it is a setting, and off by default.
 *
 * <p>The time counts from the last piece of work, so an idle loop spins once and then sleeps. Adaptive: a spin that
 * finds nothing halves the next one, down to none; one that finds work doubles it; a loop that does not spin any more
 * tries again every {@value #PROBE_EVERY} sleeps.
 *
 * <p>One instance belongs to one loop and is used by its thread alone.
 */
final class SpinningSelect implements SelectStrategy {
    private static final int PROBE_EVERY = 64;

    private final long longestNanos;
    private final boolean adaptive;
    private final LongSupplier clockNanos;
    private long windowNanos;
    private long workedNanos;
    private boolean spinning;
    private boolean slept;
    private int sleepsWithoutSpin;

    SpinningSelect(long longestNanos, boolean adaptive, LongSupplier clockNanos) {
        this.longestNanos = longestNanos;
        this.adaptive = adaptive;
        this.clockNanos = clockNanos;
        this.windowNanos = longestNanos;
        this.workedNanos = clockNanos.getAsLong();
    }

    /** How long the next spin may last. */
    long windowNanos() {
        return windowNanos;
    }

    @Override
    public int calculateStrategy(IntSupplier selectNow, boolean hasTasks) throws Exception {
        if (slept) {
            // What woke the loop up was work.
            slept = false;
            workedNanos = clockNanos.getAsLong();
        }
        int ready = hasTasks || windowNanos > 0 ? selectNow.get() : 0;
        if (hasTasks || ready > 0) {
            worked();
            return ready;
        }
        long now = clockNanos.getAsLong();
        if (now - workedNanos < windowNanos) {
            // Back to the loop, which looks for tasks of other threads as well.
            spinning = true;
            return CONTINUE;
        }
        sleep();
        return SELECT;
    }

    private void worked() {
        workedNanos = clockNanos.getAsLong();
        if (spinning) {
            spinning = false;
            windowNanos = adaptive ? Math.min(longestNanos, windowNanos * 2) : longestNanos;
        }
    }

    private void sleep() {
        slept = true;
        if (spinning) {
            spinning = false;
            if (adaptive) {
                windowNanos = windowNanos / 2 < 1000 ? 0 : windowNanos / 2;
            }
        } else if (windowNanos == 0 && ++sleepsWithoutSpin >= PROBE_EVERY) {
            sleepsWithoutSpin = 0;
            windowNanos = longestNanos;
        }
    }
}
