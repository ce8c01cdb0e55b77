package io.chainring.chaos.work;

import io.chainring.chaos.history.HistoryEvent;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The bytes of cells: a value, and behind it words that follow from the value and the place, to the end. A cell that is torn, or
 * is another place's, is recognised.
 *
 * <pre>
 *   le64 value | le64 word 1 | le64 word 2 | ...        word i = mix(value, disk, cell, i)
 * </pre>
 *
 * The mixing is that of SplittableRandom: G. Steele, D. Lea, C. Flood, <i>Fast splittable pseudorandom number generators</i>,
 * 2014.
 */
final class CellBytes {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private CellBytes() {}

    private static long mix(long bits) {
        long z = bits;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    private static long start(long value, int disk, long cell) {
        return mix(mix(value) ^ mix(cell * GOLDEN + disk));
    }

    /** Puts cells with one value into a new buffer. */
    static ByteBuffer write(long value, int disk, long firstCell, int cells, int cellBytes) {
        ByteBuffer bytes = ByteBuffer.allocate(cells * cellBytes).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < cells; i++) {
            long word = start(value, disk, firstCell + i);
            bytes.putLong(value);
            for (int at = Long.BYTES; at < cellBytes; at += Long.BYTES) {
                word += GOLDEN;
                bytes.putLong(mix(word));
            }
        }
        return bytes.flip();
    }

    /** The value of each cell: that of a write, {@link HistoryEvent#ZEROES}, or {@link HistoryEvent#GARBAGE}. */
    static long[] read(ByteBuffer bytes, int disk, long firstCell, int cells, int cellBytes) {
        ByteBuffer all = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        long[] values = new long[cells];
        for (int i = 0; i < cells; i++) {
            values[i] =
                    all.remaining() < (i + 1) * cellBytes
                            ? HistoryEvent.GARBAGE
                            : value(all, i * cellBytes, disk, firstCell + i, cellBytes);
        }
        return values;
    }

    private static long value(ByteBuffer all, int from, int disk, long cell, int cellBytes) {
        long value = all.getLong(from);
        long word = start(value, disk, cell);
        for (int at = Long.BYTES; at < cellBytes; at += Long.BYTES) {
            word += GOLDEN;
            if (all.getLong(from + at) != (value == HistoryEvent.ZEROES ? 0 : mix(word))) {
                return HistoryEvent.GARBAGE;
            }
        }
        return value < 0 ? HistoryEvent.GARBAGE : value;
    }
}
