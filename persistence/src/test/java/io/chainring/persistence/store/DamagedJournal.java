package io.chainring.persistence.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineOptions;
import io.chainring.persistence.engine.Engines;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.Records;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.function.Executable;

/** A journal that has each kind of record, all of it promised; and what its readers must get once it is damaged. */
final class DamagedJournal {
    static final String PLAIN = "plain";
    static final String TAGGED = "tagged";
    static final String SNAPPED = "snapped";
    static final String TAG = "blue";
    private static final long EVENTS = 150;
    private static final long DELETED_TO = 40;
    private static final long OLDER = 60;
    private static final long YOUNGER = 120;
    private static final int INLINE_BYTES = 300;
    private static final int IN_PARTS_BYTES = 150_000;

    /** The rest of each event's text. */
    private static final String FILLING = "/" + "x".repeat(300);

    private DamagedJournal() {}

    /** What is read, each by itself. */
    enum Read {
        HIGHEST,
        EVENTS,
        TAGS,
        SNAPSHOT
    }

    /** Writes it, into one log; the last record of all is an event, which the mark knows. */
    static void write(Path directory, String engine) {
        Store store = Store.open(StoreSettings.forTools(directory, engine));
        for (long n = 1; n <= EVENTS; n++) {
            if (n == EVENTS) {
                snapshot(store, OLDER, INLINE_BYTES);
                snapshot(store, YOUNGER, IN_PARTS_BYTES);
                store.deleteTo(SNAPPED, DELETED_TO, false);
            }
            store.append(
                    List.of(
                            Stores.event(SNAPPED, n, text(SNAPPED, n) + FILLING),
                            Stores.event(TAGGED, n, text(TAGGED, n) + FILLING, TAG),
                            Stores.event(PLAIN, n, text(PLAIN, n) + FILLING)),
                    false);
        }
        store.close();
    }

    private static void snapshot(Store store, long sequenceNr, int bytes) {
        new SnapshotArea(store)
                .save(
                        SNAPPED,
                        new SnapshotArea.Id(sequenceNr, sequenceNr),
                        new Serialized(7, "s", content(sequenceNr, bytes)),
                        null);
    }

    private static byte[] content(long sequenceNr, int bytes) {
        byte[] content = new byte[bytes];
        new Random(sequenceNr).nextBytes(content);
        return content;
    }

    private static String text(String id, long n) {
        return id + "/" + n;
    }

    /** Puts all into tables. */
    static void compact(Path directory, String engine) {
        try (Engine raw = raw(directory, engine)) {
            raw.compact(Keys.first(Keys.META), Keys.above(Keys.SNAPSHOT_PART));
        }
    }

    private static Engine raw(Path directory, String engine) {
        return Engines.open(Engines.choose(engine, ""), directory, EngineOptions.DEFAULT);
    }

    /** One record of each kind: the bytes of its value, and who can't do without it. */
    record Target(String name, byte[] value, Read reader) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** What there is to damage; opens the directory. */
    static List<Target> targets(Path directory, String engine) {
        try (Engine raw = raw(directory, engine)) {
            byte[] name = Keys.name(SNAPPED);
            byte[] tagName = Keys.tagName(TAG);
            long number = Records.number(name, value(raw, name));
            long tag = Records.number(tagName, value(raw, tagName));
            return List.of(
                    new Target("name", value(raw, name), Read.HIGHEST),
                    new Target("counters", value(raw, Keys.counter(number)), Read.HIGHEST),
                    new Target("first event", event(raw, number, DELETED_TO + 1), Read.EVENTS),
                    new Target("event", event(raw, number, 100), Read.EVENTS),
                    new Target("last event", event(raw, number, EVENTS), Read.EVENTS),
                    new Target("tag name", value(raw, tagName), Read.TAGS),
                    new Target("tag reference", value(raw, Keys.tag(tag, 70)), Read.TAGS),
                    new Target(
                            "snapshot",
                            value(raw, Keys.snapshot(number, YOUNGER, YOUNGER)),
                            Read.SNAPSHOT),
                    new Target(
                            "first part",
                            value(raw, Keys.snapshotPart(number, YOUNGER, YOUNGER, 0)),
                            Read.SNAPSHOT),
                    new Target(
                            "last part",
                            value(raw, Keys.snapshotPart(number, YOUNGER, YOUNGER, 2)),
                            Read.SNAPSHOT));
        }
    }

    private static byte[] event(Engine raw, long number, long sequenceNr) {
        return value(raw, Keys.event(number, sequenceNr));
    }

    private static byte[] value(Engine raw, byte[] key) {
        return Objects.requireNonNull(raw.get(key));
    }

    /**
     * Opens it and reads everything: each answer is what was promised, or an error that names the directory.
     *
     * @return what could not be read, and why; everything with the same reason if it does not open
     */
    static Map<Read, StoreException> refusals(Path directory, String engine) {
        Map<Read, StoreException> refused = new EnumMap<>(Read.class);
        Store store;
        try {
            store = Store.open(Stores.settings(directory, engine, false));
        } catch (StoreException e) {
            assertNamed(directory, e);
            for (Read each : Read.values()) {
                refused.put(each, e);
            }
            return refused;
        }
        try {
            for (String id : List.of(PLAIN, TAGGED, SNAPPED)) {
                read(directory, refused, Read.HIGHEST, () -> highest(store, id));
                read(directory, refused, Read.EVENTS, () -> events(store, id));
            }
            read(directory, refused, Read.TAGS, () -> tags(store));
            read(directory, refused, Read.SNAPSHOT, () -> youngest(directory, refused, store));
            for (String id : List.of(PLAIN, TAGGED, SNAPPED)) {
                noNumberIsGivenTwice(store, id);
            }
        } finally {
            store.close();
        }
        return refused;
    }

    private static void read(
            Path directory, Map<Read, StoreException> refused, Read what, Executable reads) {
        try {
            reads.execute();
        } catch (StoreException e) {
            assertNamed(directory, e);
            refused.put(what, e);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private static void assertNamed(Path directory, StoreException e) {
        String message = String.valueOf(e.getMessage());
        assertTrue(message.startsWith(directory + ": "), message);
        assertTrue(message.contains("chainring journal repair " + directory), message);
        assertFalse(message.contains("\n"), message);
    }

    private static void highest(Store store, String id) {
        assertEquals(EVENTS, store.highestSequenceNr(id), id);
    }

    /** Also what a reader got before it heard of the damage. */
    private static void events(Store store, String id) {
        long first = id.equals(SNAPPED) ? DELETED_TO + 1 : 1;
        List<String> expected = new ArrayList<>();
        for (long n = first; n <= EVENTS; n++) {
            expected.add(text(id, n));
        }
        List<String> found = new ArrayList<>();
        try {
            store.readEvents(
                    id,
                    1,
                    Long.MAX_VALUE,
                    (sequenceNr, event) -> found.add(textOf(event.payload())));
        } catch (StoreException e) {
            assertEquals(expected.subList(0, found.size()), found, id);
            throw e;
        }
        assertEquals(expected, found, id);
    }

    private static void tags(Store store) {
        List<String> expected = new ArrayList<>();
        for (long n = 1; n <= EVENTS; n++) {
            expected.add(text(TAGGED, n));
        }
        List<String> found = new ArrayList<>();
        try {
            new TagReader(store)
                    .read(
                            TAG,
                            0,
                            Integer.MAX_VALUE,
                            (offset, id, number, event) -> found.add(textOf(event.payload())));
        } catch (StoreException e) {
            assertEquals(expected.subList(0, found.size()), found, TAG);
            throw e;
        }
        assertEquals(expected, found, TAG);
    }

    private static String textOf(Serialized payload) {
        String text = new String(payload.bytes(), StandardCharsets.UTF_8);
        return text.endsWith(FILLING) ? text.substring(0, text.length() - FILLING.length()) : text;
    }

    /** The older one is an answer, too: all events behind it are there. That the younger one is passed over is damage met. */
    private static void youngest(Path directory, Map<Read, StoreException> refused, Store store) {
        SnapshotArea.Stored found =
                new SnapshotArea(store).loadYoungest(SNAPPED, (sequenceNr, time) -> true);
        assertNotNull(found);
        boolean older = found.id().sequenceNr() == OLDER;
        assertEquals(older ? OLDER : YOUNGER, found.id().sequenceNr());
        org.junit.jupiter.api.Assertions.assertArrayEquals(
                content(found.id().sequenceNr(), older ? INLINE_BYTES : IN_PARTS_BYTES),
                found.payload().bytes());
        if (older) {
            refused.put(
                    Read.SNAPSHOT, new StoreException.Damaged(directory, "is passed over", null));
        }
    }

    /** Whoever can't read what was there does not take the place of an event. */
    private static void noNumberIsGivenTwice(Store store, String id) {
        AtomicAppend taken = Stores.event(id, EVENTS, "taken");
        try {
            store.append(List.of(taken), false);
            assertNotNull(taken.refusal(), id);
        } catch (StoreException e) {
            assertFalse(e instanceof StoreException.Unavailable, e::toString);
        }
    }

    static Set<Read> all() {
        return EnumSet.allOf(Read.class);
    }
}
