package io.chainring.ring.turn;

/**
 * How long the last recoveries of a disk's backend took, and how many there were: whoever looks now and then misses none, as long
 * as no more than {@link #KEPT} come between two looks. Thread-safe.
 */
public final class RecoveryTimes {
    /** How many of them are remembered. */
    public static final int KEPT = 16;

    private final long[] nanos = new long[KEPT];
    private long count;

    /** The backend serves again, so many nanoseconds after a death, or for the first time after its start. */
    public synchronized void add(long recoveryNanos) {
        nanos[(int) (count++ % KEPT)] = recoveryNanos;
    }

    /** One moment: {@code latestNanos} are at most {@link #KEPT}, the last one last. */
    public record Seen(long count, long[] latestNanos) {}

    /** What there is now. */
    public synchronized Seen seen() {
        int kept = (int) Math.min(count, KEPT);
        long[] latest = new long[kept];
        for (int i = 0; i < kept; i++) {
            latest[i] = nanos[(int) ((count - kept + i) % KEPT)];
        }
        return new Seen(count, latest);
    }

    /** The last one; 0 when there was none. */
    public synchronized long lastNanos() {
        return count == 0 ? 0 : nanos[(int) ((count - 1) % KEPT)];
    }
}
