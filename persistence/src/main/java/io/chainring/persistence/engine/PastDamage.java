package io.chainring.persistence.engine;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.function.BiPredicate;
import java.util.function.Consumer;

/**
 * A scan that goes on behind what can't be read. Where a damaged block ends isn't known, so the first key from which reading
 * works again is looked for by halves, between the last key that was read and the end.
 */
public final class PastDamage {
    /** Keys are told apart by so many bytes: behind a damaged block, those that agree in more may be left out with it. */
    private static final int DISTINCT_BYTES = 64;

    private final EngineView engine;
    private final byte[] toKey;
    private final BiPredicate<byte[], byte[]> visitor;
    private byte[] last;
    private boolean more = true;

    private PastDamage(
            EngineView engine, byte[] fromKey, byte[] toKey, BiPredicate<byte[], byte[]> visitor) {
        this.engine = engine;
        this.toKey = toKey;
        this.visitor = visitor;
        this.last = fromKey;
    }

    /**
     * Visits what can be read of {@code [fromKey, toKey)}.
     *
     * @param visitor gets key and value and returns false to stop
     * @param damage hears of each place that can't be read
     */
    public static void scan(
            EngineView engine,
            byte[] fromKey,
            byte[] toKey,
            BiPredicate<byte[], byte[]> visitor,
            Consumer<EngineException.Read> damage) {
        new PastDamage(engine, fromKey, toKey, visitor).run(damage);
    }

    private void run(Consumer<EngineException.Read> damage) {
        byte[] from = last;
        while (more && Arrays.compareUnsigned(from, toKey) < 0) {
            try {
                engine.scan(from, toKey, this::visit);
                return;
            } catch (EngineException.Read e) {
                damage.accept(e);
                last = Arrays.compareUnsigned(from, last) > 0 ? from : last;
                from = readableBehind(last);
            }
        }
    }

    private boolean visit(byte[] key, byte[] value) {
        last = key;
        more = visitor.test(key, value);
        return more;
    }

    private byte[] readableBehind(byte[] key) {
        BigInteger low = number(key);
        BigInteger high = number(toKey);
        while (high.subtract(low).compareTo(BigInteger.ONE) > 0) {
            BigInteger middle = low.add(high).shiftRight(1);
            if (isReadable(bytes(middle))) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return bytes(high);
    }

    private boolean isReadable(byte[] from) {
        try {
            engine.scan(from, toKey, (key, value) -> false);
            return true;
        } catch (EngineException.Read e) {
            return false;
        }
    }

    private static BigInteger number(byte[] key) {
        return new BigInteger(1, Arrays.copyOf(key, DISTINCT_BYTES));
    }

    private static byte[] bytes(BigInteger number) {
        byte[] digits = number.toByteArray();
        byte[] key = new byte[DISTINCT_BYTES];
        int count = Math.min(digits.length, key.length);
        System.arraycopy(digits, digits.length - count, key, key.length - count, count);
        return key;
    }
}
