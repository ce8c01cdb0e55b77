package io.chainring.persistence.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineOptions;
import io.chainring.persistence.engine.Engines;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.store.SnapshotArea;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.Stores;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A journal with something of every kind in it, and what it has to say afterwards: the oracle. */
final class Promised {
    private static final int SMALL_IDS = 60;
    private static final int EVENTS = 700;

    private final Map<String, Id> ids = new TreeMap<>();

    /** What was acknowledged of one persistence id. */
    private record Id(long deletedTo, long highest, boolean tagged, List<Long> snapshots) {}

    /** Writes it. */
    static Promised write(Path directory, String engine) {
        Promised promised = new Promised();
        Store store = Store.open(Stores.settings(directory, engine, false));
        for (int n = 1; n <= EVENTS; n++) {
            store.append(
                    List.of(
                            Stores.event("plain", n, text("plain", n)),
                            Stores.event("tagged", n, text("tagged", n), "blue", "green"),
                            Stores.event("snapped", n, text("snapped", n))),
                    false);
            if (n % (EVENTS / SMALL_IDS) == 0) {
                String id = "small-%03d".formatted(n);
                store.append(
                        List.of(Stores.events(id, 1, List.of(text(id, 1), text(id, 2)))), false);
                promised.ids.put(id, new Id(0, 2, false, List.of()));
            }
            if (n == EVENTS / 2) {
                snapshot(store, 100, 150_000);
                snapshot(store, 300, 200);
            }
        }
        snapshot(store, 600, 150_000);
        store.deleteTo("plain", 150, false);
        store.deleteTo("snapped", 290, false);
        store.close();
        promised.ids.put("plain", new Id(150, EVENTS, false, List.of()));
        promised.ids.put("tagged", new Id(0, EVENTS, true, List.of()));
        promised.ids.put("snapped", new Id(290, EVENTS, false, List.of(100L, 300L, 600L)));
        return promised;
    }

    private static void snapshot(Store store, long sequenceNr, int bytes) {
        new SnapshotArea(store)
                .save(
                        "snapped",
                        new SnapshotArea.Id(sequenceNr, sequenceNr),
                        new Serialized(1, "", content(sequenceNr, bytes)),
                        null);
    }

    private static byte[] content(long sequenceNr, int bytes) {
        byte[] content = new byte[bytes];
        new java.util.Random(sequenceNr).nextBytes(content);
        return content;
    }

    private static String text(String id, long n) {
        return id + "/" + n + "/" + "x".repeat((int) (n * 7 % 300));
    }

    /** Puts all into tables. */
    static void compact(Path directory, String engine) {
        try (Engine raw =
                Engines.open(Engines.choose(engine, ""), directory, EngineOptions.DEFAULT)) {
            raw.compact(Keys.first(Keys.META), Keys.above(Keys.SNAPSHOT_PART));
        }
    }

    /**
     * Opens and reads everything as actors do: each answer is right, or says what is wrong.
     *
     * @return how many answers were errors
     */
    int readIsRightOrRefused(Path directory, String engine) {
        Store store;
        try {
            store = Store.open(Stores.settings(directory, engine, false));
        } catch (StoreException e) {
            assertNamed(directory, e);
            return 1;
        }
        int errors = 0;
        try {
            for (Map.Entry<String, Id> each : ids.entrySet()) {
                String id = each.getKey();
                errors += refused(directory, () -> assertHighest(store, id, each.getValue()));
                errors += refused(directory, () -> assertEvents(store, id, each.getValue()));
                errors += refused(directory, () -> assertSnapshot(store, id, each.getValue()));
            }
        } finally {
            store.close();
        }
        return errors;
    }

    private static int refused(Path directory, Runnable read) {
        try {
            read.run();
            return 0;
        } catch (StoreException e) {
            assertNamed(directory, e);
            return 1;
        }
    }

    private static void assertNamed(Path directory, StoreException e) {
        assertTrue(String.valueOf(e.getMessage()).startsWith(directory + ": "), e::toString);
    }

    private static void assertHighest(Store store, String id, Id promised) {
        assertEquals(promised.highest, store.highestSequenceNr(id), id);
    }

    private static void assertEvents(Store store, String id, Id promised) {
        List<String> expected = new ArrayList<>();
        for (long n = promised.deletedTo + 1; n <= promised.highest; n++) {
            expected.add(text(id, n));
        }
        assertEquals(expected, Stores.read(store, id), id);
    }

    private static void assertSnapshot(Store store, String id, Id promised) {
        SnapshotArea.Stored found =
                new SnapshotArea(store).loadYoungest(id, (sequenceNr, time) -> true);
        if (promised.snapshots.isEmpty()) {
            assertEquals(null, found, id);
            return;
        }
        // An older one whose events are all there is as good.
        assertTrue(found != null && found.id().sequenceNr() >= promised.deletedTo, id);
        assertContent(found);
    }

    private static void assertContent(SnapshotArea.Stored found) {
        int bytes = found.payload().bytes().length;
        assertTrue(bytes == 200 || bytes == 150_000, bytes + " bytes");
        assertTrue(
                java.util.Arrays.equals(
                        content(found.id().sequenceNr(), bytes), found.payload().bytes()));
    }

    /**
     * After a repair: what is kept is right, and what isn't is named.
     *
     * @param inLog whether a log was damaged: what it held is lost to whoever wrote then
     * @return how many persistence ids have less than was promised
     */
    int keptIsRightAndTheRestIsNamed(Path directory, String engine, Repair repair, boolean inLog) {
        int less = 0;
        List<String> anonymous =
                repair.losses().stream()
                        .filter(loss -> loss.persistenceId() == null)
                        .map(Repair.Loss::what)
                        .toList();
        try (JournalDirectory journal = JournalDirectory.open(directory, engine)) {
            for (Map.Entry<String, Id> each : ids.entrySet()) {
                String id = each.getKey();
                String missing = missing(journal, id, each.getValue(), inLog);
                if (missing != null) {
                    less++;
                    boolean named =
                            repair.losses().stream()
                                    .anyMatch(loss -> id.equals(loss.persistenceId()));
                    boolean nameLost =
                            journal.find(id) == null
                                    && anonymous.stream().anyMatch(what -> what.contains("names"));
                    boolean told = named || nameLost || (inLog && !anonymous.isEmpty());
                    assertTrue(told, id + ": " + missing + ", but lost is " + repair.lost());
                }
            }
            assertTagsAreUsable(journal);
        }
        return less;
    }

    /** What is less than promised, or null. */
    private static @Nullable String missing(
            JournalDirectory journal, String id, Id promised, boolean inLog) {
        long[] expected = {0};
        journal.events(
                id,
                1,
                Long.MAX_VALUE,
                (sequenceNr, event) -> {
                    assertTrue(expected[0] == 0 || sequenceNr == expected[0], id);
                    expected[0] = sequenceNr + 1;
                    assertEquals(
                            text(id, sequenceNr),
                            new String(
                                    event.payload().bytes(),
                                    java.nio.charset.StandardCharsets.UTF_8));
                    return true;
                });
        JournalDirectory.Entry entry = journal.find(id);
        if (entry == null) {
            return "is unknown";
        }
        if (entry.highest() < promised.highest) {
            return "highest is " + entry.highest();
        }
        if (entry.deletedTo() > promised.deletedTo) {
            return "begins behind " + entry.deletedTo();
        }
        if (!promised.snapshots.isEmpty()) {
            try {
                SnapshotArea.Stored found = journal.snapshot(id, Long.MAX_VALUE);
                if (found == null || found.id().sequenceNr() != 600) {
                    return "its youngest snapshot is another";
                }
                assertContent(found);
            } catch (StoreException.Damaged e) {
                return e.getMessage();
            }
        }
        return null;
    }

    /** Each event that is there is found by its tags, and a new one takes no other's place. */
    private static void assertTagsAreUsable(JournalDirectory journal) {
        long events = tagged(journal);
        for (String tag : List.of("blue", "green")) {
            assertEquals(events, Stores.tagged(journal.store(), tag), tag);
        }
        long next = journal.store().highestSequenceNr("tagged") + 1;
        journal.store()
                .append(
                        List.of(
                                Stores.event(
                                        "tagged", next, text("tagged", next), "blue", "green")),
                        true);
        for (String tag : List.of("blue", "green")) {
            assertEquals(events + 1, Stores.tagged(journal.store(), tag), tag);
        }
    }

    private static long tagged(JournalDirectory journal) {
        return Stores.read(journal.store(), "tagged").size();
    }
}
