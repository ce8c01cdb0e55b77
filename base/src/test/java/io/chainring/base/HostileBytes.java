package io.chainring.base;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Bytes that were good once: flipped, cut, lengthened, and with extreme numbers where a length may stand. */
public final class HostileBytes {
    private static final long[] EXTREMES = {
        0,
        1,
        -1,
        2,
        0x7F,
        0x80,
        0xFF,
        0x7FFF,
        0x8000,
        0xFFFF,
        0x1_0000,
        1 << 24,
        Integer.MAX_VALUE,
        1L << 31,
        0xFFFF_FFFFL,
        1L << 32,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };
    private static final int MOST_CHANGES = 4;
    private static final int LONGEST_INSERTION = 64;

    private HostileBytes() {}

    /** A copy with one to four changes. */
    public static byte[] from(byte[] good, SplittableRandom random) {
        byte[] bytes = good.clone();
        for (int i = 1 + random.nextInt(MOST_CHANGES); i > 0; i--) {
            bytes = changed(bytes, random);
        }
        return bytes;
    }

    private static byte[] changed(byte[] bytes, SplittableRandom random) {
        if (bytes.length == 0) {
            return inserted(bytes, random);
        }
        switch (random.nextInt(8)) {
            case 0 -> {
                return Arrays.copyOf(bytes, random.nextInt(bytes.length));
            }
            case 1 -> {
                return inserted(bytes, random);
            }
            case 2 -> {
                return doubled(bytes, random);
            }
            case 3, 4, 5 -> putNumber(bytes, random);
            default -> bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }

    /** An extreme number of 1, 2, 4 or 8 bytes, in either order of bytes; or one near the length of the whole. */
    private static void putNumber(byte[] bytes, SplittableRandom random) {
        int size = Math.min(1 << random.nextInt(4), bytes.length);
        int at = random.nextInt(bytes.length - size + 1);
        long value =
                random.nextInt(4) == 0
                        ? bytes.length - 4 + random.nextInt(9)
                        : EXTREMES[random.nextInt(EXTREMES.length)];
        boolean bigEndian = random.nextBoolean();
        for (int i = 0; i < size; i++) {
            bytes[at + (bigEndian ? size - 1 - i : i)] = (byte) (value >>> 8 * i);
        }
    }

    private static byte[] inserted(byte[] bytes, SplittableRandom random) {
        byte[] more = new byte[1 + random.nextInt(LONGEST_INSERTION)];
        if (random.nextBoolean()) {
            random.nextBytes(more);
        }
        return joined(bytes, random.nextInt(bytes.length + 1), more);
    }

    private static byte[] doubled(byte[] bytes, SplittableRandom random) {
        int from = random.nextInt(bytes.length);
        int to = from + 1 + random.nextInt(Math.min(LONGEST_INSERTION, bytes.length - from));
        return joined(bytes, to, Arrays.copyOfRange(bytes, from, to));
    }

    private static byte[] joined(byte[] bytes, int at, byte[] more) {
        byte[] longer = new byte[bytes.length + more.length];
        System.arraycopy(bytes, 0, longer, 0, at);
        System.arraycopy(more, 0, longer, at, more.length);
        System.arraycopy(bytes, at, longer, at + more.length, bytes.length - at);
        return longer;
    }
}
