package io.chainring.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.registry.name.DeviceName;
import io.chainring.registry.rules.AnsweredRequests;
import io.chainring.registry.rules.CorruptRegistryException;
import io.chainring.registry.rules.DiskState;
import io.chainring.registry.rules.DiskStorage;
import io.chainring.registry.rules.NameTable;
import io.chainring.registry.rules.Refusal;
import io.chainring.registry.rules.RegisteredDisk;
import io.chainring.registry.rules.RegistryAnswer;
import io.chainring.registry.rules.RegistryEvent;
import io.chainring.registry.rules.RegistryEvent.DiskForgotten;
import io.chainring.registry.rules.RegistryEvent.DiskSet;
import io.chainring.registry.rules.RegistryEvent.RequestMark;
import io.chainring.registry.rules.RegistryEvent.RequestRefused;
import io.chainring.registry.rules.RegistryFixture;
import io.chainring.registry.rules.RegistryRequest;
import io.chainring.registry.rules.RegistrySettings;
import io.chainring.registry.rules.RegistryState;
import io.chainring.registry.rules.ReusePolicy;
import java.io.IOException;
import java.io.InputStream;
import java.io.NotSerializableException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The stored formats: round trips, hostile bytes, and golden files that an old journal still opens by. */
class RegistryFormatTest {
    private static final int ROUNDS = 2_000;
    private static final RegistrySettings SETTINGS = RegistryFixture.settings(ReusePolicy.STICKY);
    private static final RequestMark MARK = new RequestMark("request-1", 0x0123_4567_89AB_CDEFL);
    private static final UUID UUID_A = UUID.fromString("12345678-9abc-def0-1122-334455667788");
    private static final RegisteredDisk DISK =
            new RegisteredDisk(
                    UUID_A,
                    "data.1",
                    DeviceName.parse("vdcrxp"),
                    60_466_175,
                    DiskState.INSERTED,
                    1L << 40,
                    1_800_000_000_000L,
                    null);
    private static final RegisteredDisk LOCATED =
            DISK.with(
                    DiskState.INSERTED,
                    8,
                    new DiskStorage("/srv/\u00e4.img", 1L << 41, 1023, "data.0"));
    private static final DeviceName FREE = DeviceName.parse("D:");

    /** Every kind of event, every refusal: one golden file holds them, in this order. */
    private static final List<RegistryEvent> EVENTS =
            List.of(
                    new DiskSet(MARK, DISK),
                    new DiskSet(null, DISK),
                    new DiskForgotten(MARK, DISK.in(DiskState.FREE, 7)),
                    refused(
                            new Refusal.NameTaken(
                                    DeviceName.parse("xvdaa"), UUID_A, "data.1", FREE)),
                    refused(new Refusal.NameResting(DeviceName.parse("sdb"), 1L << 41, null)),
                    refused(new Refusal.NameReserved(DeviceName.parse("vda"), null)),
                    refused(new Refusal.Exhausted(Refusal.Resource.DISKS, 16_384)),
                    refused(new Refusal.Exhausted(Refusal.Resource.NAMES, 24)),
                    refused(new Refusal.Exhausted(Refusal.Resource.GENERATIONS, 60_466_175)),
                    refused(new Refusal.Incompatible("not so \u2026")),
                    refused(new Refusal.DiskNameTaken("data.1", UUID_A)),
                    refused(new Refusal.UnknownDisk(UUID_A)),
                    refused(new Refusal.WrongState(DISK.in(DiskState.DETACHING, 9))));

    /** What only version 2 can say; its golden file begins with {@link #EVENTS}. */
    private static final List<RegistryEvent> EVENTS_WITH_STORAGE =
            List.of(
                    new DiskSet(MARK, LOCATED),
                    new DiskForgotten(null, LOCATED.in(DiskState.FREE, 9)),
                    refused(new Refusal.WrongState(LOCATED)));

    private final SplittableRandom random = new SplittableRandom(Seed.next("RegistryFormatTest"));

    private static RegistryEvent refused(Refusal reason) {
        return new RequestRefused(MARK, reason);
    }

    private static RegistryFixture goldenLife() {
        RegistryFixture registry = new RegistryFixture(SETTINGS);
        registry.inserted(1, "vdc");
        registry.inserted(2, null);
        registry.away(1);
        registry.insert(3, "vdc");
        registry.insert(1, null);
        registry.tell(new RegistryRequest.Rename(RegistryFixture.disk(2), "b", "sdzz", "rename"));
        registry.insert(4, "A:");
        registry.insert(5, "Z:");
        registry.eject(5);
        return registry;
    }

    private RegistryFixture randomLife() {
        RegistryFixture registry = new RegistryFixture(SETTINGS);
        for (int step = random.nextInt(80); step > 0; step--) {
            int number = 1 + random.nextInt(12);
            RegisteredDisk known = registry.state.disk(RegistryFixture.disk(number));
            registry.nowMillis += random.nextInt(1000);
            switch (random.nextInt(7)) {
                case 0 -> registry.insert(number, null);
                case 6 -> registry.create(number, "/srv/" + random.nextInt(9));
                case 1 -> registry.insert(number, "vd" + (char) ('a' + random.nextInt(12)));
                case 2 -> registry.eject(number);
                case 3 ->
                        registry.tell(
                                new RegistryRequest.Rename(
                                        RegistryFixture.disk(number),
                                        random.nextBoolean() ? "n" + random.nextInt(20) : null,
                                        random.nextBoolean() ? "sdb" : null,
                                        registry.requestId()));
                case 4 -> {
                    if (known != null) {
                        registry.attached(known);
                    }
                }
                default -> {
                    if (known != null) {
                        registry.detached(known);
                    }
                }
            }
        }
        return registry;
    }

    @Test
    void eventsComeBackAsTheyWere() {
        int events = 0;
        for (int i = 0; i < ROUNDS / 10; i++) {
            for (RegistryEvent event : randomLife().journal) {
                assertEquals(event, RegistryEventCodec.decode(RegistryEventCodec.encode(event)));
                events++;
            }
        }
        assertTrue(events > ROUNDS, events + " events");
    }

    @Test
    void snapshotsComeBackAsTheyWereAndGoOnAlike() {
        for (int i = 0; i < ROUNDS / 10; i++) {
            RegistryFixture registry = randomLife();
            byte[] bytes = RegistrySnapshotCodec.encode(registry.state);
            assertArrayEquals(
                    bytes,
                    RegistrySnapshotCodec.encode(RegistrySnapshotCodec.decode(bytes, SETTINGS)));
            RegistryRequest next =
                    new RegistryRequest.Insert(RegistryFixture.disk(99), "n", null, "next");
            RegistryAnswer answer = registry.core.decide(next, registry.nowMillis).answer();
            registry.thaw();
            assertEquals(answer, registry.core.decide(next, registry.nowMillis).answer());
            registry.die();
            assertArrayEquals(bytes, RegistrySnapshotCodec.encode(registry.state));
        }
    }

    @Test
    void oneFlippedBitIsFound() {
        byte[] snapshot = RegistrySnapshotCodec.encode(goldenLife().state);
        for (int i = 0; i < ROUNDS; i++) {
            byte[] event = RegistryEventCodec.encode(EVENTS.get(i % EVENTS.size()));
            flip(event);
            assertThrows(CorruptRegistryException.class, () -> RegistryEventCodec.decode(event));
            byte[] broken = snapshot.clone();
            flip(broken);
            assertThrows(
                    CorruptRegistryException.class,
                    () -> RegistrySnapshotCodec.decode(broken, SETTINGS));
        }
    }

    @Test
    void whatIsCutOrInventedIsRefusedWithAWord() {
        for (RegistryEvent event : EVENTS) {
            byte[] whole = RegistryEventCodec.encode(event);
            for (int length = 0; length < whole.length; length++) {
                byte[] cut = resealed(Arrays.copyOf(whole, length));
                assertThrows(CorruptRegistryException.class, () -> RegistryEventCodec.decode(cut));
            }
            byte[] longer = resealed(Arrays.copyOf(whole, whole.length + 1));
            assertThrows(CorruptRegistryException.class, () -> RegistryEventCodec.decode(longer));
        }
        byte[] snapshot = RegistrySnapshotCodec.encode(goldenLife().state);
        for (int length = 0; length < snapshot.length; length++) {
            byte[] cut = resealed(Arrays.copyOf(snapshot, length));
            assertThrows(
                    CorruptRegistryException.class,
                    () -> RegistrySnapshotCodec.decode(cut, SETTINGS));
        }
        for (int i = 0; i < ROUNDS; i++) {
            byte[] invented = new byte[random.nextInt(200)];
            random.nextBytes(invented);
            assertThrows(CorruptRegistryException.class, () -> RegistryEventCodec.decode(invented));
            assertThrows(
                    CorruptRegistryException.class,
                    () -> RegistrySnapshotCodec.decode(invented, SETTINGS));
        }
    }

    /** With a right checksum and a wrong content, decoding refuses or gives a value; it never fails otherwise. */
    @Test
    void aWrongContentUnderARightChecksumIsHandled() {
        byte[] snapshot = RegistrySnapshotCodec.encode(goldenLife().state);
        int refused = 0;
        for (int i = 0; i < ROUNDS; i++) {
            byte[] event = RegistryEventCodec.encode(EVENTS.get(i % EVENTS.size()));
            byte[] state = snapshot.clone();
            flip(event);
            flip(state);
            refused += isRefused(() -> RegistryEventCodec.decode(resealed(event)));
            refused += isRefused(() -> RegistrySnapshotCodec.decode(resealed(state), SETTINGS));
        }
        assertTrue(refused > 0 && refused < 2 * ROUNDS, refused + " of " + 2 * ROUNDS + " refused");
    }

    @Test
    void oldEventsStillOpen() throws IOException {
        List<byte[]> golden = golden("registry-event1.hex");
        assertEquals(EVENTS.size(), golden.size());
        for (int i = 0; i < golden.size(); i++) {
            assertEquals(EVENTS.get(i), RegistryEventCodec.decode(golden.get(i)));
        }
    }

    @Test
    void eventsStayAsTheyAre() throws IOException {
        List<RegistryEvent> events = new ArrayList<>(EVENTS);
        events.addAll(EVENTS_WITH_STORAGE);
        List<byte[]> golden = golden("registry-event2.hex");
        assertEquals(events.size(), golden.size());
        for (int i = 0; i < golden.size(); i++) {
            assertEquals(events.get(i), RegistryEventCodec.decode(golden.get(i)));
            assertArrayEquals(golden.get(i), RegistryEventCodec.encode(events.get(i)));
        }
    }

    @Test
    void anOldSnapshotStillOpens() throws IOException {
        RegistryState old = RegistrySnapshotCodec.decode(golden("registry1.hex").get(0), SETTINGS);
        RegistryState now = goldenLife().state;
        assertEquals(now.inOrder(), old.inOrder());
        assertEquals(now.nextInsertion(), old.nextInsertion());
        // The name that a disk was renamed from was free at once then.
        NameTable.Past renamed = past(now, "vdb");
        assertEquals(0, renamed.freedAtMillis());
        assertTrue(past(old, "vdb").freedAtMillis() > 0);
        assertEquals(
                now.names().past().stream().filter(each -> !each.equals(renamed)).toList(),
                old.names().past().stream()
                        .filter(each -> !each.name().equals(renamed.name()))
                        .toList());
    }

    @Test
    void aSnapshotStaysAsItIs() throws IOException {
        RegistryFixture registry = goldenLife();
        registry.create(6, "/srv/6.img");
        for (String file : List.of("registry2.hex", "registry-lingering.hex")) {
            byte[] golden = golden(file).get(0);
            assertArrayEquals(
                    golden,
                    RegistrySnapshotCodec.encode(RegistrySnapshotCodec.decode(golden, SETTINGS)));
        }
        assertArrayEquals(
                golden("registry-lingering.hex").get(0),
                RegistrySnapshotCodec.encode(registry.state));
    }

    private static NameTable.Past past(RegistryState state, String name) {
        return state.names().past().stream()
                .filter(each -> each.name().toString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** It stands in journals. */
    @Test
    void fingerprintsStayAsTheyAre() {
        assertEquals(
                List.of(
                        fingerprint(new RegistryRequest.Insert(UUID_A, "d", "vdc", "x")),
                        fingerprint(new RegistryRequest.Insert(UUID_A, "d", null, "x")),
                        fingerprint(new RegistryRequest.Rename(UUID_A, null, "vdc", "x")),
                        fingerprint(new RegistryRequest.Eject(UUID_A, "x")),
                        fingerprint(new RegistryRequest.Forget(UUID_A, "x"))),
                List.of(
                        "2d66939f51df1877",
                        "ee585a3e01d79639",
                        "56c9b53849b75ce9",
                        "60b66f3215d5e57e",
                        "7ed9616e57d65100"));
    }

    private static String fingerprint(RegistryRequest.Repeatable request) {
        return Long.toHexString(AnsweredRequests.fingerprint(request));
    }

    @Test
    void theSerializerKnowsItsManifestsAndNoOthers() throws Exception {
        RegistrySerializer serializer = new RegistrySerializer();
        for (RegistryEvent event : EVENTS) {
            assertEquals("registry-event2", serializer.manifest(event));
            assertEquals(
                    event, serializer.fromBinary(serializer.toBinary(event), "registry-event2"));
        }
        RegistrySnapshot snapshot = RegistrySnapshot.of(goldenLife().state);
        assertEquals("registry2", serializer.manifest(snapshot));
        Object back = serializer.fromBinary(serializer.toBinary(snapshot), "registry2");
        assertArrayEquals(snapshot.bytes(), assertInstanceOf(RegistrySnapshot.class, back).bytes());
        assertThrows(
                NotSerializableException.class,
                () -> serializer.fromBinary(new byte[0], "registry-event3"));
        assertThrows(IllegalArgumentException.class, () -> serializer.toBinary("a string"));
        assertThrows(IllegalArgumentException.class, () -> serializer.manifest("a string"));
    }

    private static int isRefused(Runnable decoding) {
        try {
            decoding.run();
            return 0;
        } catch (CorruptRegistryException e) {
            return 1;
        }
    }

    private static byte[] resealed(byte[] record) {
        return record.length < 8 ? record : RecordWriter.seal(record);
    }

    private void flip(byte[] bytes) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }

    /** Records in hexadecimal, divided by empty lines. */
    private static List<byte[]> golden(String name) throws IOException {
        try (InputStream in = RegistryFormatTest.class.getResourceAsStream("/golden/" + name)) {
            if (in == null) {
                throw new IOException("no golden file " + name);
            }
            String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            return Arrays.stream(text.split("\n\n"))
                    .map(record -> HexFormat.of().parseHex(record.replaceAll("\\s", "")))
                    .toList();
        }
    }
}
