package io.chainring.gateway.nbd.listen;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.LongSupplier;

/**
 * How many file descriptors this process has left. Counting takes a look at each, so between two counts only what was
 * taken is subtracted: the answer is never too high by what the listeners take, and by what others take for a moment
 * only. Thread-safe.
 */
public final class Descriptors {
    /** As many as anybody needs: the system does not tell. */
    public static final long UNKNOWN = Integer.MAX_VALUE;

    private static final long FRESH_NANOS = 2_000_000_000L;
    private static final long PAUSE_NANOS = 50_000_000L;

    private static final Descriptors PROCESS =
            new Descriptors(Descriptors::countFree, System::nanoTime);

    private final LongSupplier counting;
    private final LongSupplier nanoTime;
    private long free;
    private long countedNanos;
    private boolean counted;

    Descriptors(LongSupplier counting, LongSupplier nanoTime) {
        this.counting = counting;
        this.nanoTime = nanoTime;
    }

    /** Those of this process. */
    public static Descriptors ofProcess() {
        return PROCESS;
    }

    /** How many there may be in all (RLIMIT_NOFILE, getrlimit(2)), as it is now. */
    public static long limit() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : UNKNOWN;
    }

    private static long countFree() {
        if (!(ManagementFactory.getOperatingSystemMXBean()
                instanceof UnixOperatingSystemMXBean unix)) {
            return UNKNOWN;
        }
        try {
            long open = unix.getOpenFileDescriptorCount();
            return open < 0 ? UNKNOWN : Math.max(0, unix.getMaxFileDescriptorCount() - open);
        } catch (InternalError none) {
            // It opens a directory to count them, which takes a descriptor.
            return 0;
        }
    }

    /** How many are free, counted now. */
    public synchronized long free() {
        count(nanoTime.getAsLong());
        return free;
    }

    /**
     * Takes one for a client, unless that would leave too few.
     *
     * @param reserve how many have to be left for others
     */
    public synchronized boolean take(int reserve) {
        long now = nanoTime.getAsLong();
        long age = now - countedNanos;
        if (!counted || age >= FRESH_NANOS || (free <= reserve && age >= PAUSE_NANOS)) {
            count(now);
        }
        if (free <= reserve) {
            return false;
        }
        free--;
        return true;
    }

    private void count(long now) {
        free = counting.getAsLong();
        countedNanos = now;
        counted = true;
    }
}
