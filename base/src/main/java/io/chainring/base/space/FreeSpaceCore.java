package io.chainring.base.space;

/**
 * Decides from the free bytes of a file system whether it is low on them, and when to look again.
 *
 * <pre>
 *             free &lt; limit
 *   AMPLE ------------------------> LOW
 *     ^                              |
 *     +------------------------------+
 *       free &gt;= limit + limit / 8       (so that it does not flap)
 * </pre>
 *
 * <p>The nearer the limit, the sooner the next look: after the time in which {@value #FASTEST_BYTES_PER_MILLI} bytes a
 * millisecond would get there, and after an eighth of the bytes that are left.
 */
final class FreeSpaceCore {
    static final long MOST_PAUSE_MILLIS = 250;
    static final long LEAST_PAUSE_MILLIS = 5;
    static final long LOW_PAUSE_MILLIS = 100;
    static final long MOST_CREDIT_BYTES = 16 << 20;
    static final long LEAST_CREDIT_BYTES = 64 << 10;

    /** What the fastest storage of today takes. */
    private static final long FASTEST_BYTES_PER_MILLI = 8 << 20;

    private final long limitBytes;
    private boolean low;
    private long headroomBytes;

    /** What an observation changed. */
    enum Change {
        NONE,
        BECAME_LOW,
        BECAME_AMPLE
    }

    /**
     * @param limitBytes below it the space is low; 0: never
     */
    FreeSpaceCore(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    Change observed(long freeBytes) {
        headroomBytes = freeBytes - limitBytes;
        if (!low && freeBytes < limitBytes) {
            low = true;
            return Change.BECAME_LOW;
        }
        if (low && freeBytes >= limitBytes + limitBytes / 8) {
            low = false;
            return Change.BECAME_AMPLE;
        }
        return Change.NONE;
    }

    boolean isLow() {
        return low;
    }

    /** Milliseconds until the next look that is due by time. */
    long pauseMillis() {
        return low
                ? LOW_PAUSE_MILLIS
                : clamp(
                        headroomBytes / FASTEST_BYTES_PER_MILLI,
                        LEAST_PAUSE_MILLIS,
                        MOST_PAUSE_MILLIS);
    }

    /** Bytes that one writer may write before the next look that is due by bytes. */
    long creditBytes() {
        return clamp(headroomBytes / 8, LEAST_CREDIT_BYTES, MOST_CREDIT_BYTES);
    }

    private static long clamp(long value, long least, long most) {
        return Math.max(least, Math.min(most, value));
    }
}
