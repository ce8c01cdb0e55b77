package io.chainring.ring.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.chainring.base.DecoderFuzz;
import io.chainring.base.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Stored turns and snapshots, whatever stands in them. */
@Timeout(120)
final class RecordFuzzTest {
    private static final int ROUNDS = 40_000;

    /** Arrays of one ring of the largest size. */
    private static final long LARGEST_RING_BYTES = 32_768 * 64L;

    @Test
    void aTurnRecordIsReadOrRefused() {
        SplittableRandom random = Seed.random(getClass());
        List<byte[]> good = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            good.add(TurnEventCodec.encode(RandomRecords.any(random)));
        }
        new DecoderFuzz(getClass(), CorruptRecordException.class, RecordFuzzTest::readTurn)
                .sealedBy(RecordFuzzTest::sealed)
                .run(ROUNDS, good);
    }

    private static void readTurn(byte[] bytes) {
        TurnEvent event = TurnEventCodec.decode(bytes);
        assertEquals(event, TurnEventCodec.decode(TurnEventCodec.encode(event)));
    }

    /** Up to four changes make up to four rings large. */
    @Test
    void aSnapshotIsReadOrRefused() {
        SplittableRandom random = Seed.random(getClass());
        List<byte[]> good = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            good.add(SnapshotCodec.encode(RandomRecords.life(random, random.nextInt(60))));
        }
        new DecoderFuzz(getClass(), CorruptRecordException.class, RecordFuzzTest::readSnapshot)
                .sealedBy(RecordFuzzTest::sealed)
                .allocates(8 * LARGEST_RING_BYTES, 256)
                .run(ROUNDS / 4, good);
    }

    private static void readSnapshot(byte[] bytes) {
        byte[] again = SnapshotCodec.encode(SnapshotCodec.decode(bytes));
        assertArrayEquals(again, SnapshotCodec.encode(SnapshotCodec.decode(again)));
    }

    /** A record that can be read and does not follow from the state is refused by its own name, before arrays are made for it. */
    @Test
    void aTurnThatDoesNotFollowIsRefused() {
        SplittableRandom random = Seed.random(getClass());
        for (int i = 0; i < ROUNDS; i++) {
            BackendState state = RandomRecords.life(random, 8);
            TurnEvent event = RandomRecords.any(random);
            assertThrows(IllegalTransitionException.class, () -> state.apply(event));
        }
    }

    private static byte[] sealed(byte[] record) {
        return record.length < 8 ? record : RecordChecks.seal(record, 4);
    }
}
