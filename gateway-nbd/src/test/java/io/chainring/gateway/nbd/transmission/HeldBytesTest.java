package io.chainring.gateway.nbd.transmission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Bytes that wait take as much memory as they are long, and come back in their order. */
final class HeldBytesTest {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final ByteBufAllocator ALLOC = UnpooledByteBufAllocator.DEFAULT;

    private final HeldBudget budget = new HeldBudget(1 << 20);
    private final HeldBytes held = new HeldBytes(budget);

    private static ByteBuf piece(int from, int lengthBytes) {
        ByteBuf piece = ALLOC.directBuffer(BUFFER_BYTES, BUFFER_BYTES);
        for (int i = 0; i < lengthBytes; i++) {
            piece.writeByte(from + i);
        }
        return piece;
    }

    @Test
    void tenThousandPiecesOfOneByteDoNotKeepTenThousandBuffers() {
        for (int i = 0; i < 10_000; i++) {
            held.add(piece(i, 1), ALLOC);
        }
        assertEquals(10_000, held.lengthBytes());
        assertTrue(budget.usedBytes() <= 1 << 15, () -> budget.usedBytes() + " bytes of memory");
        held.release();
        assertEquals(0, budget.usedBytes());
    }

    @Test
    void piecesOfAnyLengthComeBackInOrderAndAreCounted() {
        SplittableRandom random = Seed.random(HeldBytesTest.class);
        int added = 0;
        int taken = 0;
        for (int step = 0; step < 3_000; step++) {
            if (random.nextInt(5) < 3) {
                int lengthBytes = random.nextInt(random.nextInt(20) == 0 ? BUFFER_BYTES : 40);
                held.add(piece(added, lengthBytes), ALLOC);
                added += lengthBytes;
            } else {
                ByteBuf first = held.take();
                if (first != null) {
                    int lengthBytes = Math.min(first.readableBytes(), 1 + random.nextInt(5_000));
                    for (int i = 0; i < lengthBytes; i++) {
                        assertEquals((byte) taken++, first.readByte());
                    }
                    held.putBack(first);
                }
            }
            assertEquals(added - taken, held.lengthBytes());
            assertEquals(held.memoryBytes(), budget.usedBytes());
        }
        held.release();
        assertEquals(0, budget.usedBytes());
    }
}
