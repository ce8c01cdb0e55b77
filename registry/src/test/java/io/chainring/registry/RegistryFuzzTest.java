package io.chainring.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.base.DecoderFuzz;
import io.chainring.base.Seed;
import io.chainring.registry.rules.CorruptRegistryException;
import io.chainring.registry.rules.RegistryEvent;
import io.chainring.registry.rules.RegistryFixture;
import io.chainring.registry.rules.RegistryRequest;
import io.chainring.registry.rules.RegistrySettings;
import io.chainring.registry.rules.RegistryState;
import io.chainring.registry.rules.ReusePolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Stored events and snapshots of the registry, whatever stands in them. */
@Timeout(120)
class RegistryFuzzTest {
    private static final int ROUNDS = 40_000;
    private static final RegistrySettings SETTINGS = RegistryFixture.settings(ReusePolicy.STICKY);

    private static RegistryFixture life() {
        SplittableRandom random = Seed.random(RegistryFuzzTest.class);
        RegistryFixture registry = new RegistryFixture(SETTINGS);
        for (int step = 0; step < 60; step++) {
            int number = 1 + random.nextInt(9);
            switch (random.nextInt(5)) {
                case 0 -> registry.insert(number, null);
                case 1 -> registry.create(number, "/srv/" + random.nextInt(9));
                case 2 -> registry.insert(number, "vd" + (char) ('a' + random.nextInt(12)));
                case 3 -> registry.eject(number);
                default ->
                        registry.tell(
                                new RegistryRequest.Rename(
                                        RegistryFixture.disk(number),
                                        "n" + random.nextInt(20),
                                        null,
                                        registry.requestId()));
            }
        }
        return registry;
    }

    @Test
    void anEventIsReadOrRefused() {
        List<byte[]> good = new ArrayList<>();
        life().journal.forEach(event -> good.add(RegistryEventCodec.encode(event)));
        new DecoderFuzz(getClass(), CorruptRegistryException.class, RegistryFuzzTest::readEvent)
                .sealedBy(RegistryFuzzTest::sealed)
                .run(ROUNDS, good);
    }

    private static void readEvent(byte[] bytes) {
        RegistryEvent event = RegistryEventCodec.decode(bytes);
        assertEquals(event, RegistryEventCodec.decode(RegistryEventCodec.encode(event)));
    }

    @Test
    void aSnapshotIsReadOrRefused() {
        new DecoderFuzz(getClass(), CorruptRegistryException.class, RegistryFuzzTest::readSnapshot)
                .sealedBy(RegistryFuzzTest::sealed)
                .run(ROUNDS, List.of(RegistrySnapshotCodec.encode(life().state)));
    }

    private static void readSnapshot(byte[] bytes) {
        RegistryState state = RegistrySnapshotCodec.decode(bytes, SETTINGS);
        byte[] again = RegistrySnapshotCodec.encode(state);
        assertArrayEquals(
                again, RegistrySnapshotCodec.encode(RegistrySnapshotCodec.decode(again, SETTINGS)));
    }

    private static byte[] sealed(byte[] record) {
        return record.length < 8 ? record : RecordWriter.seal(record);
    }
}
