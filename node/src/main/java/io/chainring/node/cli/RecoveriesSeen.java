package io.chainring.node.cli;

import io.chainring.node.disk.DiskStatus;
import java.util.Arrays;

/** The recoveries of a disk between a first look and the last one. */
final class RecoveriesSeen {
    private long known;
    private double[] millis = new double[64];
    private int count;

    RecoveriesSeen(DiskStatus first) {
        known = first.recoveries();
    }

    /** Takes those that have come since the last look, as far as the node remembers them. */
    void look(DiskStatus now) {
        double[] latest = now.recoveriesMillis();
        int unseen = (int) Math.min(latest.length, now.recoveries() - known);
        known = now.recoveries();
        if (count + unseen > millis.length) {
            millis = Arrays.copyOf(millis, 2 * (count + unseen));
        }
        System.arraycopy(latest, latest.length - unseen, millis, count, unseen);
        count += unseen;
    }

    /** How long each took, the shortest first. */
    double[] sortedMillis() {
        double[] sorted = Arrays.copyOf(millis, count);
        Arrays.sort(sorted);
        return sorted;
    }
}
