package io.chainring.persistence.engine;

import java.util.Arrays;

/**
 * Two entries, below and above all others, that go along with each batch of the Java library, so that each of its young
 * tables spans everything.
 *
 * <p>Tables of level 0 may overlap, and whoever moves one down has to take all older ones along that overlap it, and those
 * that overlap them. iq80 takes those along that overlap the range it was asked for, or the first table, and stops there: an
 * older table may stay above a younger one, and its entries hide those of the younger. Where every table overlaps every other,
 * all go together.
 *
 * <p>Scans and repairs don't show them.
 */
final class Fences {
    static final byte[] LOW = {0x00};
    static final byte[] HIGH = {(byte) 0xFF};
    static final byte[] NOTHING = {};

    private Fences() {}

    static boolean is(byte[] key) {
        return key.length == 1 && (key[0] == LOW[0] || Arrays.equals(key, HIGH));
    }
}
