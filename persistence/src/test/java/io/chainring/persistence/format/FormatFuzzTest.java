package io.chainring.persistence.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.base.DecoderFuzz;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.format.EventRecord.TagPlace;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every record of the database, whatever stands in it. */
@Timeout(120)
final class FormatFuzzTest {
    private static final int ROUNDS = 30_000;
    private static final byte[] KEY = Keys.event(7, 901);
    private static final RecordWriter WRITER = new RecordWriter();

    private static Serialized payload(int lengthBytes) {
        return new Serialized(33, "TurnEvent", new byte[lengthBytes]);
    }

    private static void fuzz(List<byte[]> good, Consumer<byte[]> decoder) {
        new DecoderFuzz(FormatFuzzTest.class, FormatException.class, decoder)
                .sealedBy(FormatFuzzTest::sealed)
                .run(ROUNDS, good);
    }

    private static byte[] sealed(byte[] record) {
        if (record.length >= RecordWriter.HEADER_BYTES) {
            int checksum = RecordWriter.checksum(new CRC32C(), KEY, record);
            for (int i = 0; i < 4; i++) {
                record[2 + i] = (byte) (checksum >>> 24 - 8 * i);
            }
        }
        return record;
    }

    @Test
    void anEventIsReadOrRefused() {
        EventRecord plain = new EventRecord(1, payload(100), "", "writer", List.of(), null, false);
        EventRecord full =
                new EventRecord(
                        1,
                        payload(20),
                        "adapter",
                        "writer",
                        List.of(new TagPlace("red", 8, 1), new TagPlace("blue", 9, 17)),
                        payload(30),
                        true);
        fuzz(
                List.of(plain.encode(WRITER, KEY), full.encode(WRITER, KEY)),
                bytes -> {
                    byte[] again = EventRecord.decode(KEY, bytes).encode(new RecordWriter(), KEY);
                    assertArrayEquals(
                            again, EventRecord.decode(KEY, again).encode(new RecordWriter(), KEY));
                });
    }

    @Test
    void aSnapshotIsReadOrRefused() {
        SnapshotRecord whole = new SnapshotRecord(payload(200), 0, 200, 1, payload(9));
        SnapshotRecord parted = new SnapshotRecord(payload(0), 3, 150_000, 1, null);
        fuzz(
                List.of(whole.encode(WRITER, KEY), parted.encode(WRITER, KEY)),
                bytes -> {
                    byte[] again =
                            SnapshotRecord.decode(KEY, bytes).encode(new RecordWriter(), KEY);
                    assertArrayEquals(
                            again,
                            SnapshotRecord.decode(KEY, again).encode(new RecordWriter(), KEY));
                });
    }

    @Test
    void countersAreReadOrRefused() {
        CounterRecord counter = new CounterRecord(1000, 900, 850, 1_767_225_600_000L, true);
        fuzz(
                List.of(counter.encode(WRITER, KEY), CounterRecord.NONE.encode(WRITER, KEY)),
                bytes -> {
                    CounterRecord read = CounterRecord.decode(KEY, bytes);
                    byte[] again = read.encode(new RecordWriter(), KEY);
                    assertEquals(read, CounterRecord.decode(KEY, again));
                });
    }

    @Test
    void aValueIsReadOrRefused() {
        fuzz(
                List.of(Records.meta(WRITER, KEY, 1), Records.name(WRITER, KEY, 7)),
                bytes -> {
                    long value = Records.value(KEY, bytes);
                    assertEquals(value, Records.value(KEY, Records.meta(WRITER, KEY, value)));
                });
    }
}
