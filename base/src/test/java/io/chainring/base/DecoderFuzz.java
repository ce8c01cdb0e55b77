package io.chainring.base;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a decoder of stored bytes owes: whatever the bytes are, it gives a value that passes its own checks, or throws its
 * named exception with a message of one line; and it allocates no more than the bytes are worth.
 */
public final class DecoderFuzz {
    /** Stack traces and messages. */
    private static final long FIXED_BYTES = 32 << 10;

    private static final int MEASUREMENTS = 5;

    private static final int MESSAGE_LIMIT = 1000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Class<? extends RuntimeException> refusal;
    private final Consumer<byte[]> decoder;
    private final SplittableRandom random;
    private UnaryOperator<byte[]> seal = bytes -> bytes;
    private long fixedBytes = FIXED_BYTES;
    private int factor = 64;

    /**
     * @param test whose seed it is
     * @param refusal the decoder's named exception
     * @param decoder decodes, and looks whether the value is as it should be
     */
    public DecoderFuzz(
            Class<?> test, Class<? extends RuntimeException> refusal, Consumer<byte[]> decoder) {
        this.refusal = refusal;
        this.decoder = decoder;
        this.random = Seed.random(test);
    }

    /** Three of four get a right checksum again, so that what is behind it is reached. */
    public DecoderFuzz sealedBy(UnaryOperator<byte[]> sealing) {
        seal = sealing;
        return this;
    }

    /** What a decoder may allocate: so much whatever it reads, and so much for each byte of it. */
    public DecoderFuzz allocates(long fixed, int bytesPerByte) {
        fixedBytes = FIXED_BYTES + fixed;
        factor = bytesPerByte;
        return this;
    }

    /** So many rounds over changed copies of what is good; some must be taken and some refused. */
    public void run(int rounds, List<byte[]> good) {
        int refused = 0;
        for (byte[] each : good) {
            assertTrue(!isRefused(each), () -> "what is good is refused: " + hex(each));
        }
        for (int round = 0; round < rounds; round++) {
            byte[] bytes = HostileBytes.from(good.get(random.nextInt(good.size())), random);
            refused += isRefused(random.nextInt(4) > 0 ? seal.apply(bytes) : bytes) ? 1 : 0;
        }
        assertTrue(
                refused > rounds / 20 && refused < rounds - rounds / 100,
                refused + " of " + rounds + " were refused");
    }

    private boolean isRefused(byte[] bytes) {
        long limitBytes = fixedBytes + (long) factor * bytes.length;
        boolean refused = false;
        long took = Long.MAX_VALUE;
        // What classes and compilers take the first time is not the decoder's.
        for (int i = 0; i < MEASUREMENTS && took > limitBytes; i++) {
            byte[] copy = bytes.clone();
            long allocated = THREADS.getCurrentThreadAllocatedBytes();
            RuntimeException thrown = thrownBy(copy, bytes);
            took = THREADS.getCurrentThreadAllocatedBytes() - allocated;
            refused = thrown != null;
            if (thrown != null) {
                checkMessage(String.valueOf(thrown.getMessage()), bytes);
            }
        }
        long allocated = took;
        assertTrue(
                allocated <= limitBytes,
                () -> allocated + " bytes allocated for " + bytes.length + ": " + hex(bytes));
        return refused;
    }

    private @Nullable RuntimeException thrownBy(byte[] bytes, byte[] original) {
        try {
            decoder.accept(bytes);
            return null;
        } catch (RuntimeException | Error e) {
            if (e instanceof RuntimeException named && refusal.isInstance(e)) {
                return named;
            }
            throw new AssertionError(e + " from " + hex(original), e);
        }
    }

    private static void checkMessage(String message, byte[] bytes) {
        assertTrue(
                message.length() < MESSAGE_LIMIT
                        && message.chars().noneMatch(Character::isISOControl),
                () -> "no clear line: " + message + " from " + hex(bytes));
    }

    private static String hex(byte[] bytes) {
        String all = HexFormat.of().formatHex(bytes);
        return all.length() > 4000 ? all.substring(0, 4000) + "..." : all;
    }
}
