package io.chainring.ring.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import java.io.IOException;
import java.io.InputStream;
import java.io.NotSerializableException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The stored formats: round trips, hostile bytes, and golden files that an old journal still opens by. */
final class RecordFormatTest {
    private static final int ROUNDS = 2_000;

    private final SplittableRandom random = Seed.random(RecordFormatTest.class);

    private static final TurnEvent GOLDEN_TURN =
            new TurnEvent(
                    7,
                    false,
                    List.of(new TurnEvent.Attempt(1, 2, 3)),
                    List.of(new TurnEvent.Completed(0, 5, 0xFFFF_FFFF, ChainStatus.NOSPC, 4096)),
                    List.of(new TurnEvent.Detached(2, 0x1122_3344_5566_7788L, 4)),
                    List.of(new TurnEvent.Attached(3, 0x0102_0304_0506_0708L, 512)),
                    1_000_001,
                    List.of(
                            new TurnEvent.Begun(0, 6, 9, Operation.WRITE, 1, 1L << 40, 33L << 20),
                            new TurnEvent.Begun(0, 7, 1, Operation.EXTENTS, 0, 0, 1L << 41)));

    private static BackendState goldenState() {
        BackendState state = new BackendState();
        state.apply(TurnEvent.epoch(1, List.of(), 1));
        state.apply(
                new TurnEvent(
                        1,
                        false,
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(new TurnEvent.Attached(0, 77, 4), new TurnEvent.Attached(1, 78, 8)),
                        1,
                        List.of()));
        state.apply(
                new TurnEvent(
                        1,
                        false,
                        List.of(),
                        List.of(new TurnEvent.Completed(1, 7, 1, ChainStatus.UNSUPP, 0)),
                        List.of(),
                        List.of(),
                        1,
                        List.of(
                                new TurnEvent.Begun(0, 0, 1, Operation.WRITE, 1, 4096, 8192),
                                new TurnEvent.Begun(0, 3, 1, Operation.FLUSH, 0, 0, 0))));
        state.apply(TurnEvent.epoch(2, List.of(new TurnEvent.Attempt(0, 0, 1)), 3));
        state.apply(
                new TurnEvent(
                        2,
                        false,
                        List.of(),
                        List.of(new TurnEvent.Completed(0, 3, 1, ChainStatus.OK, 0)),
                        List.of(),
                        List.of(),
                        3,
                        List.of()));
        return state;
    }

    @Test
    void recordsComeBackAsTheyWere() {
        for (int i = 0; i < ROUNDS; i++) {
            TurnEvent event = RandomRecords.any(random);
            assertEquals(event, TurnEventCodec.decode(TurnEventCodec.encode(event)));
        }
    }

    @Test
    void snapshotsComeBackAsTheyWere() {
        for (int i = 0; i < ROUNDS / 10; i++) {
            BackendState state = RandomRecords.life(random, random.nextInt(60));
            byte[] bytes = SnapshotCodec.encode(state);
            assertArrayEquals(bytes, SnapshotCodec.encode(SnapshotCodec.decode(bytes)));
        }
    }

    @Test
    void aStateThatCameBackGoesOnAsTheOneThatWasStored() {
        for (int i = 0; i < ROUNDS / 10; i++) {
            long seed = random.nextLong();
            BackendState stored = RandomRecords.life(new SplittableRandom(seed), 40);
            BackendState thawed = SnapshotCodec.decode(SnapshotCodec.encode(stored));
            TurnEvent epoch = TurnEvent.epoch(2, List.of(), stored.nextSequence());
            assertArrayEquals(
                    SnapshotCodec.encode(stored.apply(epoch)),
                    SnapshotCodec.encode(thawed.apply(epoch)));
        }
    }

    @Test
    void oneFlippedBitIsFound() {
        for (int i = 0; i < ROUNDS; i++) {
            byte[] record = TurnEventCodec.encode(RandomRecords.any(random));
            flip(record);
            assertThrows(CorruptRecordException.class, () -> TurnEventCodec.decode(record));
        }
        byte[] snapshot = SnapshotCodec.encode(goldenState());
        for (int i = 0; i < ROUNDS; i++) {
            byte[] broken = snapshot.clone();
            flip(broken);
            assertThrows(CorruptRecordException.class, () -> SnapshotCodec.decode(broken));
        }
    }

    @Test
    void whatIsCutOrInventedIsRefusedWithAWord() {
        byte[] snapshot = SnapshotCodec.encode(goldenState());
        for (int length = 0; length < snapshot.length; length++) {
            byte[] cut = Arrays.copyOf(snapshot, length);
            assertThrows(CorruptRecordException.class, () -> SnapshotCodec.decode(cut));
            assertThrows(CorruptRecordException.class, () -> SnapshotCodec.decode(resealed(cut)));
        }
        byte[] record = TurnEventCodec.encode(GOLDEN_TURN);
        for (int length = 0; length < record.length; length++) {
            byte[] cut = Arrays.copyOf(record, length);
            assertThrows(CorruptRecordException.class, () -> TurnEventCodec.decode(resealed(cut)));
        }
        for (int i = 0; i < ROUNDS; i++) {
            byte[] invented = new byte[random.nextInt(200)];
            random.nextBytes(invented);
            assertThrows(CorruptRecordException.class, () -> TurnEventCodec.decode(invented));
            assertThrows(CorruptRecordException.class, () -> SnapshotCodec.decode(invented));
        }
    }

    /** With a right checksum and a wrong content, decoding refuses or gives a value; it never fails otherwise. */
    @Test
    void aWrongContentUnderARightChecksumIsHandled() {
        byte[] record = TurnEventCodec.encode(GOLDEN_TURN);
        byte[] snapshot = SnapshotCodec.encode(goldenState());
        int refused = 0;
        for (int i = 0; i < ROUNDS; i++) {
            byte[] turn = record.clone();
            byte[] arrays = snapshot.clone();
            flip(turn);
            flip(arrays);
            refused += isRefused(() -> TurnEventCodec.decode(resealed(turn)));
            refused += isRefused(() -> SnapshotCodec.decode(resealed(arrays)));
        }
        assertTrue(refused > 0 && refused < 2 * ROUNDS, refused + " of " + 2 * ROUNDS + " refused");
    }

    @Test
    void anOldRecordStillOpens() throws IOException {
        byte[] golden = golden("turn1.hex");
        assertEquals(GOLDEN_TURN, TurnEventCodec.decode(golden));
        assertArrayEquals(golden, TurnEventCodec.encode(GOLDEN_TURN));
    }

    @Test
    void anOldSnapshotStillOpens() throws IOException {
        byte[] golden = golden("arrays1.hex");
        assertArrayEquals(golden, SnapshotCodec.encode(SnapshotCodec.decode(golden)));
        assertArrayEquals(golden, SnapshotCodec.encode(goldenState()));
    }

    @Test
    void theSerializerKnowsItsManifestsAndNoOthers() throws Exception {
        BackendSerializer serializer = new BackendSerializer();
        assertEquals("turn1", serializer.manifest(GOLDEN_TURN));
        assertEquals(GOLDEN_TURN, serializer.fromBinary(serializer.toBinary(GOLDEN_TURN), "turn1"));
        BackendSnapshot snapshot = BackendSnapshot.of(goldenState());
        assertEquals("arrays1", serializer.manifest(snapshot));
        Object back = serializer.fromBinary(serializer.toBinary(snapshot), "arrays1");
        assertArrayEquals(snapshot.bytes(), assertInstanceOf(BackendSnapshot.class, back).bytes());
        assertThrows(
                NotSerializableException.class, () -> serializer.fromBinary(new byte[0], "turn2"));
        assertThrows(IllegalArgumentException.class, () -> serializer.toBinary("a string"));
    }

    private static int isRefused(Runnable decoding) {
        try {
            decoding.run();
            return 0;
        } catch (CorruptRecordException e) {
            return 1;
        }
    }

    private static byte[] resealed(byte[] record) {
        return record.length < 8 ? record : RecordChecks.seal(record, 4);
    }

    private void flip(byte[] bytes) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }

    private static byte[] golden(String name) throws IOException {
        try (InputStream in = RecordFormatTest.class.getResourceAsStream("/golden/" + name)) {
            if (in == null) {
                throw new IOException("no golden file " + name);
            }
            String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
        }
    }
}
