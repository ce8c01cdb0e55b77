package io.chainring.ring.supervise;

import io.chainring.base.log.RateLimitedLog;
import io.chainring.ring.signal.KilledException;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * One line for each death of a disk's backend or host and one for each recovery; under a storm of them a few a minute,
 * and then how many more there were.
 *
 * <pre>
 *   WARN  Disk d: backend of epoch 7 died (killed by signal INTERRUPT), 16 chains in flight; the next one starts at once
 *   INFO  Disk d: backend of epoch 8 serves 6.1 ms after a death (killed by signal INTERRUPT): 16 chains resumed, waited 0.0 ms
 * </pre>
 */
final class DeathLog {
    private static final int DISKS_MOST = 256;
    private static final int KINDS_A_DISK = 6;

    /** Of all disks: what each may say is counted apart. */
    static final DeathLog SHARED =
            new DeathLog(
                    new RateLimitedLog(
                            LoggerFactory.getLogger(DeathLog.class), KINDS_A_DISK * DISKS_MOST));

    private final RateLimitedLog log;

    DeathLog(RateLimitedLog log) {
        this.log = log;
    }

    /**
     * The log of one child of one disk, from death to recovery.
     *
     * @param disk name of the disk
     */
    Child child(String disk, Target child) {
        return new Child(disk, child);
    }

    /** What is said of one child. */
    final class Child {
        private final String disk;
        private final String source;
        private final String name;
        private String cause = "";
        private long waitedNanos;
        private boolean waitedForJournal;
        private long diedNanos;
        private long carriedOn;
        private boolean down;

        private Child(String disk, Target child) {
            this.disk = disk;
            this.name = child == Target.BACKEND ? "backend" : "host";
            this.source = "the " + name + " of disk " + disk;
        }

        /**
         * It died.
         *
         * @param which its epoch or number, in words
         * @param why null when it was stopped
         * @param inFlight chains that are begun and not completed
         * @param pauseNanos until the next one starts; negative while the journal takes no writes
         * @param carriedOnSoFar chains that incarnations of it have carried on with
         */
        void died(
                String which,
                @Nullable Throwable why,
                int inFlight,
                long pauseNanos,
                long carriedOnSoFar,
                long nowNanos) {
            cause = cause(why);
            waitedNanos = (down ? waitedNanos : 0) + Math.max(0, pauseNanos);
            waitedForJournal = (down && waitedForJournal) || pauseNanos < 0;
            carriedOn = carriedOnSoFar;
            diedNanos = down ? diedNanos : nowNanos;
            down = true;
            String next = next(pauseNanos);
            if (why == null || why instanceof KilledException) {
                log.warn(
                        source,
                        "Disk {}: {} {} died ({}), {} chains in flight; the next one starts {}",
                        disk,
                        name,
                        which,
                        cause,
                        inFlight,
                        next);
            } else {
                log.error(
                        source,
                        "Disk {}: {} {} died of an error ({}), {} chains in flight; the next one starts {}",
                        disk,
                        name,
                        which,
                        cause,
                        inFlight,
                        next,
                        why);
            }
        }

        /**
         * It serves, after a death or for the first time.
         *
         * @param which its epoch or number, in words
         * @param carriedOnNow chains that incarnations of it have carried on with, this one among them
         */
        void serves(String which, long carriedOnNow, long nowNanos) {
            if (!down) {
                return;
            }
            down = false;
            log.info(
                    source,
                    "Disk {}: {} {} serves {} after a death ({}): {} chains resumed, waited {}",
                    disk,
                    name,
                    which,
                    millis(nowNanos - diedNanos),
                    cause,
                    carriedOnNow - carriedOn,
                    waitedForJournal ? "for its journal" : millis(waitedNanos));
        }
    }

    private static String cause(@Nullable Throwable why) {
        if (why == null) {
            return "it was stopped";
        }
        String message = why.getMessage();
        return message == null ? why.toString() : message;
    }

    private static String next(long pauseNanos) {
        if (pauseNanos < 0) {
            return "when its journal takes writes";
        }
        return pauseNanos == 0 ? "at once" : "in " + millis(pauseNanos);
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.1f ms", nanos / 1e6);
    }
}
