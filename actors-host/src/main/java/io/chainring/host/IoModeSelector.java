package io.chainring.host;

/**
 * Decides whether reads and writes run inline, from how long they take.
 *
 * <pre>
 *            4 slow of 64, or one stall
 *   INLINE ------------------------------> POOL
 *          <------------------------------
 *            n windows of 64 with at most one slow each
 * </pre>
 *
 * n is 4, and doubles with each return that did not last for 64 windows, up to 64: a store at the edge
 * does not throw its disk to and fro.
 */
final class IoModeSelector {
    private static final int WINDOW = 64;
    private static final int SLOW_OF_WINDOW = 4;
    private static final int CALM_WINDOWS = 4;
    private static final int MOST_CALM_WINDOWS = 64;
    private static final int LASTING_WINDOWS = 64;

    private final boolean fixed;
    private final long slowNanos;
    private final long stallNanos;
    private boolean inline;
    private int seen;
    private int slow;
    private int calmWindows;
    private int calmWindowsNeeded = CALM_WINDOWS;
    private int windowsInline;
    private boolean returned;

    IoModeSelector(HostSettings settings) {
        this.fixed = settings.io() != IoMode.AUTO;
        this.inline = settings.io() != IoMode.POOL;
        this.slowNanos = settings.slowThreshold().toNanos();
        this.stallNanos = settings.stallThreshold().toNanos();
    }

    boolean inline() {
        return inline;
    }

    /**
     * A read or write took that long in the store.
     *
     * @return true when this changed where the next ones run
     */
    boolean observed(long nanos, long lengthBytes) {
        if (fixed) {
            return false;
        }
        seen++;
        if (nanos - lengthBytes > slowNanos) {
            slow++;
        }
        boolean was = inline;
        if (inline && (slow >= SLOW_OF_WINDOW || nanos > stallNanos)) {
            leaveInline();
        } else if (seen == WINDOW) {
            endWindow();
        }
        return was != inline;
    }

    private void leaveInline() {
        if (windowsInline >= LASTING_WINDOWS) {
            calmWindowsNeeded = CALM_WINDOWS;
        } else if (returned) {
            calmWindowsNeeded = Math.min(calmWindowsNeeded * 2, MOST_CALM_WINDOWS);
        }
        inline = false;
        calmWindows = 0;
        beginWindow();
    }

    private void endWindow() {
        if (inline) {
            windowsInline++;
        } else {
            calmWindows = slow <= 1 ? calmWindows + 1 : 0;
            if (calmWindows >= calmWindowsNeeded) {
                inline = true;
                returned = true;
                windowsInline = 0;
            }
        }
        beginWindow();
    }

    private void beginWindow() {
        seen = 0;
        slow = 0;
    }
}
