package io.chainring.host.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.ring.client.BlockClient;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Blocks of 4 KiB whose content says who wrote them. */
final class Blocks {
    static final int BYTES = 4096;

    private Blocks() {}

    /** A block full of one number. */
    static ByteBuffer of(int number) {
        ByteBuffer block = ByteBuffer.allocate(BYTES);
        while (block.hasRemaining()) {
            block.putInt(number);
        }
        return block.flip();
    }

    static long at(int index) {
        return (long) index * BYTES;
    }

    static CompletionStage<Void> write(BlockClient client, int index, int number) {
        return client.write(at(index), of(number));
    }

    /** Writes block i with number first + i, all at once. */
    static List<CompletionStage<Void>> writeAll(BlockClient client, int count, int first) {
        List<CompletionStage<Void>> writes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            writes.add(write(client, i, first + i));
        }
        return writes;
    }

    static void assertAll(BlockClient client, int count, int first) {
        for (int i = 0; i < count; i++) {
            assertBlock(client, i, first + i);
        }
    }

    static void assertBlock(BlockClient client, int index, int number) {
        ByteBuffer block = DiskUnderTest.await(client.read(at(index), BYTES));
        for (int i = 0; i < BYTES; i += Integer.BYTES) {
            assertEquals(number, block.getInt(i), "block " + index + " at byte " + i);
        }
    }
}
