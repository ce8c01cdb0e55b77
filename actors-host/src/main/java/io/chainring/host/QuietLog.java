package io.chainring.host;

import org.slf4j.Logger;
import org.slf4j.event.Level;

/**
 * At most one line a second, with the number of those left out: a store that fails does so with every
 * request.
 */
final class QuietLog {
    private static final long INTERVAL_NANOS = 1_000_000_000L;

    private final String name;
    private boolean began;
    private long lastNanos;
    private long leftOut;

    QuietLog(String name) {
        this.name = name;
    }

    /** The format's first place is for the name; a throwable may come last. */
    void log(Logger log, Level level, String format, Object... arguments) {
        long before = pass();
        if (before < 0) {
            return;
        }
        Object[] all = new Object[arguments.length + 1];
        all[0] = before == 0 ? name : name + " (" + before + " such lines left out)";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        log.atLevel(level).log(format, all);
    }

    /** How many lines were left out before this one; -1 to leave this one out too. */
    private synchronized long pass() {
        long now = System.nanoTime();
        if (began && now - lastNanos < INTERVAL_NANOS) {
            leftOut++;
            return -1;
        }
        began = true;
        lastNanos = now;
        long before = leftOut;
        leftOut = 0;
        return before;
    }
}
