package io.chainring.node.cli;

import io.chainring.node.disk.DiskStatus;
import java.util.Locale;

/**
 * What came of kills, as {@code kill --json} shows it. Counts are those of the disk since the first kill.
 *
 * @param disk who was meant
 * @param seconds since the first kill
 * @param asked kills that were asked for
 * @param kills of those, how often somebody was there to be killed
 * @param backendRestarts of the backend
 * @param hostRestarts of the host
 * @param resumed chains that a new epoch found begun
 * @param renotified recorded completions that a new epoch published without executing anything
 * @param deferredSignals signals that waited for the end of a completion section
 * @param completed chains completed
 * @param recoveries that were seen: all, unless more came between two looks than the node remembers
 * @param medianRecoveryMillis of those, from the death of the backend until its successor served; 0 when none was seen
 * @param longestRecoveryMillis of those
 */
record KillSummary(
        String disk,
        double seconds,
        long asked,
        long kills,
        long backendRestarts,
        long hostRestarts,
        long resumed,
        long renotified,
        long deferredSignals,
        long completed,
        int recoveries,
        double medianRecoveryMillis,
        double longestRecoveryMillis) {

    static KillSummary of(
            double seconds,
            long asked,
            long kills,
            DiskStatus before,
            DiskStatus now,
            double[] sortedRecoveriesMillis) {
        int seen = sortedRecoveriesMillis.length;
        return new KillSummary(
                now.name(),
                seconds,
                asked,
                kills,
                now.restarts() - before.restarts(),
                now.hostRestarts() - before.hostRestarts(),
                now.resumed() - before.resumed(),
                now.renotified() - before.renotified(),
                now.deferredSignals() - before.deferredSignals(),
                now.completed() - before.completed(),
                seen,
                seen == 0 ? 0 : sortedRecoveriesMillis[(seen - 1) / 2],
                seen == 0 ? 0 : sortedRecoveriesMillis[seen - 1]);
    }

    /** The same for people, in one line. */
    String text() {
        return String.format(
                Locale.ROOT,
                "%5.1f s  kills %d (of %d asked)  backend restarts %d  host restarts %d  resumed %d"
                        + "  renotified %d  deferred signals %d  completed %d"
                        + "  recovery median %.1f ms, longest %.1f ms",
                seconds,
                kills,
                asked,
                backendRestarts,
                hostRestarts,
                resumed,
                renotified,
                deferredSignals,
                completed,
                medianRecoveryMillis,
                longestRecoveryMillis);
    }
}
