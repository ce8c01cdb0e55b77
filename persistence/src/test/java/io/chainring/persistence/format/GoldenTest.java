package io.chainring.persistence.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.format.EventRecord.TagPlace;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.Stores;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The layouts are frozen: {@code golden/records-1.txt} holds every record of format 1 in hex, and {@code
 * golden/database-1} is a whole directory as an earlier program left it. If a layout must change, it becomes format 2, and
 * these files stay.
 */
final class GoldenTest {
    private static final String[] DATABASE = {
        "000003.log", "ACKNOWLEDGED", "CURRENT", "MANIFEST-000002"
    };

    @TempDir Path directory;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream stream = GoldenTest.class.getResourceAsStream("/golden/" + name)) {
            if (stream == null) {
                throw new IOException("no resource golden/" + name);
            }
            return stream.readAllBytes();
        }
    }

    /** Every record of format 1, by name. */
    private static Map<String, byte[][]> records() {
        RecordWriter writer = new RecordWriter();
        Map<String, byte[][]> records = new LinkedHashMap<>();
        byte[] format = Keys.meta(Records.FORMAT);
        records.put("meta-format", new byte[][] {format, Records.meta(writer, format, 1)});
        byte[] name = Keys.name("disk-vdc");
        records.put("name", new byte[][] {name, Records.name(writer, name, 7)});
        byte[] counter = Keys.counter(7);
        records.put(
                "counter",
                new byte[][] {
                    counter,
                    new CounterRecord(1000, 900, 850, 1767225600000L, true).encode(writer, counter)
                });
        byte[] plain = Keys.event(7, 901);
        EventRecord event =
                new EventRecord(
                        1767225600123L,
                        new Serialized(33, "TurnEvent", bytes("payload")),
                        "",
                        "6f1c2f0e-0000-4000-8000-000000000001",
                        List.of(),
                        null,
                        false);
        records.put("event", new byte[][] {plain, event.encode(writer, plain)});
        byte[] full = Keys.event(7, 950);
        EventRecord tagged =
                new EventRecord(
                        1767225600124L,
                        new Serialized(33, "TurnEvent", bytes("payload")),
                        "adapter",
                        "w",
                        List.of(new TagPlace("red", 8, 3), new TagPlace("blau", 9, 12)),
                        new Serialized(20, "S", bytes("meta")),
                        true);
        records.put("event-full", new byte[][] {full, tagged.encode(writer, full)});
        byte[] tagName = Keys.tagName("red");
        records.put("tag-name", new byte[][] {tagName, Records.name(writer, tagName, 8)});
        byte[] tag = Keys.tag(8, 3);
        records.put("tag", new byte[][] {tag, Records.reference(writer, tag, 7, 950, "disk-vdc")});
        byte[] snapshot = Keys.snapshot(7, 940, 1767225600200L);
        SnapshotRecord small =
                new SnapshotRecord(
                        new Serialized(33, "Arrays", bytes("snapshot")), 0, 8, 0x1234ABCD, null);
        records.put("snapshot", new byte[][] {snapshot, small.encode(writer, snapshot)});
        byte[] part = Keys.snapshotPart(7, 940, 1767225600200L, 2);
        records.put("snapshot-part-key", new byte[][] {part, new byte[0]});
        return records;
    }

    @Test
    void recordsAreWrittenAsEver() throws IOException {
        StringBuilder text = new StringBuilder();
        records()
                .forEach(
                        (name, pair) ->
                                text.append(name)
                                        .append(' ')
                                        .append(HexFormat.of().formatHex(pair[0]))
                                        .append(' ')
                                        .append(HexFormat.of().formatHex(pair[1]))
                                        .append('\n'));
        assertEquals(
                new String(resource("records-1.txt"), StandardCharsets.US_ASCII), text.toString());
    }

    @Test
    void recordsAreReadAsEver() {
        Map<String, byte[][]> records = records();
        byte[][] full = records.get("event-full");
        EventRecord event = EventRecord.decode(full[0], full[1]);
        assertEquals("payload", new String(event.payload().bytes(), StandardCharsets.UTF_8));
        assertEquals(List.of(new TagPlace("red", 8, 3), new TagPlace("blau", 9, 12)), event.tags());
        assertEquals(true, event.afterGap());
        byte[][] counter = records.get("counter");
        assertEquals(
                new CounterRecord(1000, 900, 850, 1767225600000L, true),
                CounterRecord.decode(counter[0], counter[1]));
        byte[][] snapshot = records.get("snapshot");
        assertEquals(8, SnapshotRecord.decode(snapshot[0], snapshot[1]).lengthBytes());
    }

    @Test
    void everyChangedBitIsFound() {
        long seed = Long.getLong("chainring.seed", System.nanoTime());
        System.out.println("chainring.seed=" + seed);
        Random random = new Random(seed);
        records()
                .forEach(
                        (name, pair) -> {
                            for (int i = 0; i < 200 && pair[1].length > 0; i++) {
                                byte[] damaged = pair[1].clone();
                                damaged[random.nextInt(damaged.length)] ^=
                                        (byte) (1 << random.nextInt(8));
                                assertThrows(
                                        FormatException.class,
                                        () -> new RecordReader(pair[0], damaged));
                            }
                        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "leveldbjni", "iq80"})
    void directoryOfFormatOneOpens(String engine) throws IOException {
        for (String file : DATABASE) {
            Files.write(directory.resolve(file), resource("database-1/" + file));
        }
        Store store = Store.open(Stores.settings(directory, engine, false));
        try {
            assertEquals(List.of("three", "four", "five"), Stores.read(store, "disk-a"));
            assertEquals(List.of("one"), Stores.read(store, "disk-b"));
            assertEquals(5, store.highestSequenceNr("disk-a"));
        } finally {
            store.close();
        }
    }
}
