package io.chainring.ring.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.base.Seed;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Buffers of any length, position and kind are one run of bytes, whatever the segments on the other side are. */
final class ByteRunTest {
    private static final int ROUNDS = 500;
    private static final int PAD = 3;

    private final SplittableRandom random = Seed.random(getClass());

    /** Buffers that hold these bytes with some others around them. */
    private List<ByteBuffer> scattered(byte[] bytes) {
        List<ByteBuffer> buffers = new ArrayList<>();
        int at = 0;
        while (at < bytes.length || random.nextInt(3) == 0) {
            int length = random.nextInt(bytes.length - at + 1);
            int capacity = length + 2 * PAD;
            ByteBuffer buffer =
                    random.nextBoolean()
                            ? ByteBuffer.allocate(capacity)
                            : ByteBuffer.allocateDirect(capacity);
            buffer.position(PAD).limit(PAD + length);
            buffer.duplicate().put(bytes, at, length);
            buffers.add(buffer);
            at += length;
        }
        return buffers;
    }

    private byte[] some(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void whatIsGatheredIsWhatTheBuffersHold() {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = some(random.nextInt(100));
            ByteRun run = ByteRun.of(scattered(bytes));
            assertEquals(bytes.length, run.lengthBytes());
            int from = random.nextInt(bytes.length + 1);
            int to = from + random.nextInt(bytes.length - from + 1);
            ByteBuffer segment = ByteBuffer.allocate(to - from);
            run.copyTo(from, segment);
            assertEquals(0, segment.remaining());
            assertArrayEquals(Arrays.copyOfRange(bytes, from, to), segment.array());
        }
    }

    @Test
    void whatIsScatteredStandsInTheBuffersAndNowhereElse() {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = some(random.nextInt(100));
            List<ByteBuffer> buffers = scattered(new byte[bytes.length]);
            ByteRun run = ByteRun.of(buffers);
            int cut = random.nextInt(bytes.length + 1);
            run.copyFrom(cut, ByteBuffer.wrap(bytes, cut, bytes.length - cut));
            run.copyFrom(0, ByteBuffer.wrap(bytes, 0, cut));
            ByteBuffer found = ByteBuffer.allocate(bytes.length);
            for (ByteBuffer buffer : buffers) {
                assertEquals(PAD, buffer.position());
                found.put(buffer.duplicate());
                buffer.clear();
                for (int i = 0; i < PAD; i++) {
                    assertEquals(0, buffer.get(i));
                    assertEquals(0, buffer.get(buffer.limit() - 1 - i));
                }
            }
            assertArrayEquals(bytes, found.array());
        }
    }
}
