package io.chainring.chaos.check;

import java.util.Arrays;

/** A set of longs without objects: open addressing, a power of two of places. */
final class LongSet {
    private long[] places = new long[64];
    private int size;
    private boolean hasZero;

    void add(long value) {
        if (value == 0) {
            hasZero = true;
            return;
        }
        if (2 * (size + 1) > places.length) {
            long[] old = places;
            places = new long[2 * old.length];
            Arrays.stream(old)
                    .filter(each -> each != 0)
                    .forEach(each -> places[place(each)] = each);
        }
        int at = place(value);
        size += places[at] == 0 ? 1 : 0;
        places[at] = value;
    }

    boolean contains(long value) {
        return value == 0 ? hasZero : places[place(value)] == value;
    }

    private int place(long value) {
        int mask = places.length - 1;
        // Fibonacci hashing (Knuth, TAOCP volume 3, section 6.4).
        int at = (int) ((value * 0x9E3779B97F4A7C15L) >>> 32) & mask;
        while (places[at] != 0 && places[at] != value) {
            at = (at + 1) & mask;
        }
        return at;
    }
}
