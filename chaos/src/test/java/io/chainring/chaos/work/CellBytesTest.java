package io.chainring.chaos.work;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.chainring.base.Seed;
import io.chainring.chaos.history.HistoryEvent;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class CellBytesTest {
    private static final int CELL_BYTES = 64;

    private static long[] read(ByteBuffer bytes, int disk, long firstCell) {
        return CellBytes.read(bytes, disk, firstCell, bytes.remaining() / CELL_BYTES, CELL_BYTES);
    }

    @Test
    void whatWasWrittenIsReadWhereItWasWrittenOnly() {
        ByteBuffer bytes = CellBytes.write(7, 1, 100, 3, CELL_BYTES);
        assertArrayEquals(new long[] {7, 7, 7}, read(bytes, 1, 100));
        long garbage = HistoryEvent.GARBAGE;
        assertArrayEquals(new long[] {garbage, garbage, garbage}, read(bytes, 1, 101));
        assertArrayEquals(new long[] {garbage, garbage, garbage}, read(bytes, 0, 100));
        assertArrayEquals(new long[] {0, 0}, read(ByteBuffer.allocate(2 * CELL_BYTES), 1, 100));
    }

    @Test
    void anyByteThatIsNotTheWritesIsNoticed() {
        SplittableRandom random = Seed.random(CellBytesTest.class);
        ByteBuffer whole = CellBytes.write(7, 0, 5, 1, CELL_BYTES);
        ByteBuffer other = CellBytes.write(8, 0, 5, 1, CELL_BYTES);
        for (int at = 0; at < CELL_BYTES; at++) {
            ByteBuffer torn = ByteBuffer.allocate(CELL_BYTES).put(whole.duplicate()).flip();
            torn.put(at, (byte) (torn.get(at) ^ (1 << random.nextInt(8))));
            assertArrayEquals(new long[] {HistoryEvent.GARBAGE}, read(torn, 0, 5));
        }
        for (int length = 8; length < CELL_BYTES; length += 8) {
            ByteBuffer torn = ByteBuffer.allocate(CELL_BYTES).put(whole.duplicate()).flip();
            torn.put(0, other, 0, length);
            assertArrayEquals(new long[] {HistoryEvent.GARBAGE}, read(torn, 0, 5));
        }
    }
}
