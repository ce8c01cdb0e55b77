package io.chainring.chaos.work;

import io.chainring.chaos.history.Action;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How many operations ended when, and how long they took: columns of equal width, which becomes twice as much when they are all
 * used. So its size is the same however long the run. Thread-safe.
 */
public final class Timeline {
    private static final int COLUMNS = 480;
    private static final int BUCKETS = 112;
    private static final int PER_DOUBLING = 4;
    private static final long FIRST_WIDTH_NANOS = 25_000_000;
    private static final long SMALLEST_NANOS = 1_000;

    private final long beganNanos;
    private final int[][] actions = new int[COLUMNS][Action.values().length];
    private final int[][] latencies = new int[COLUMNS][BUCKETS];
    private long widthNanos = FIRST_WIDTH_NANOS;

    /**
     * A column.
     *
     * @param operations how many ended in it, by {@link Action#ordinal}
     * @param medianNanos of what they took; 0 when there were none
     * @param highNanos the 99th of 100
     * @param longestNanos the longest, to within 19 %
     */
    public record Column(
            long fromNanos,
            long toNanos,
            List<Integer> operations,
            long medianNanos,
            long highNanos,
            long longestNanos) {}

    Timeline(long beganNanos) {
        this.beganNanos = beganNanos;
    }

    synchronized void ended(Action action, long atNanos, long tookNanos) {
        int column = (int) ((atNanos - beganNanos) / widthNanos);
        while (column >= COLUMNS) {
            merge();
            column = (int) ((atNanos - beganNanos) / widthNanos);
        }
        actions[column][action.ordinal()]++;
        latencies[column][bucket(tookNanos)]++;
    }

    private void merge() {
        for (int i = 0; i < COLUMNS; i++) {
            boolean merged = i < COLUMNS / 2;
            actions[i] =
                    merged ? sum(actions[2 * i], actions[2 * i + 1]) : new int[actions[i].length];
            latencies[i] = merged ? sum(latencies[2 * i], latencies[2 * i + 1]) : new int[BUCKETS];
        }
        widthNanos *= 2;
    }

    private static int[] sum(int[] one, int[] other) {
        int[] sum = Arrays.copyOf(one, one.length);
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other[i];
        }
        return sum;
    }

    private static int bucket(long nanos) {
        if (nanos <= SMALLEST_NANOS) {
            return 0;
        }
        double doublings = Math.log((double) nanos / SMALLEST_NANOS) / Math.log(2);
        return Math.min(BUCKETS - 1, (int) Math.ceil(doublings * PER_DOUBLING));
    }

    private static long upperNanos(int bucket) {
        return (long) (SMALLEST_NANOS * Math.pow(2, (double) bucket / PER_DOUBLING));
    }

    /** The columns that were used, and those between them. */
    public synchronized List<Column> columns() {
        List<Column> all = new ArrayList<>();
        int used = 0;
        for (int i = 0; i < COLUMNS; i++) {
            if (Arrays.stream(actions[i]).sum() > 0) {
                used = i + 1;
            }
        }
        for (int i = 0; i < used; i++) {
            all.add(
                    new Column(
                            i * widthNanos,
                            (i + 1) * widthNanos,
                            Arrays.stream(actions[i]).boxed().toList(),
                            quantile(latencies[i], 0.5),
                            quantile(latencies[i], 0.99),
                            quantile(latencies[i], 1)));
        }
        return all;
    }

    private static long quantile(int[] buckets, double share) {
        long all = Arrays.stream(buckets).asLongStream().sum();
        long wanted = (long) Math.ceil(all * share);
        long passed = 0;
        for (int i = 0; i < BUCKETS && wanted > 0; i++) {
            passed += buckets[i];
            if (passed >= wanted) {
                return upperNanos(i);
            }
        }
        return 0;
    }
}
