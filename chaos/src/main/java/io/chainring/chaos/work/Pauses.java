package io.chainring.chaos.work;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Times in which a disk answered nobody, from its first answer on. Thread-safe. */
public final class Pauses {
    private static final long SHORTEST_NANOS = 50_000_000;
    private static final int KEPT = 1000;

    private final long beganNanos;
    private final long[] lastNanos;
    private final List<Pause> kept = new ArrayList<>();
    private long longestNanos;

    /** @param fromNanos since the run began */
    public record Pause(int disk, long fromNanos, long nanos) {}

    Pauses(int disks, long beganNanos) {
        this.beganNanos = beganNanos;
        lastNanos = new long[disks];
    }

    /** A disk has answered. */
    synchronized void answered(int disk, long atNanos) {
        boolean first = lastNanos[disk] == 0;
        long nanos = first ? 0 : atNanos - lastNanos[disk];
        lastNanos[disk] = first ? atNanos : Math.max(lastNanos[disk], atNanos);
        longestNanos = Math.max(longestNanos, nanos);
        if (nanos >= SHORTEST_NANOS) {
            kept.add(new Pause(disk, atNanos - nanos - beganNanos, nanos));
            if (kept.size() > 2 * KEPT) {
                kept.sort(Comparator.comparingLong(Pause::nanos).reversed());
                kept.subList(KEPT, kept.size()).clear();
            }
        }
    }

    /** The longest one. */
    public synchronized long longestNanos() {
        return longestNanos;
    }

    /** Those of 50 ms or more; when there are very many, the longest of them. */
    public synchronized List<Pause> all() {
        return List.copyOf(kept);
    }
}
