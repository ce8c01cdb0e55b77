package io.chainring.persistence.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.store.FaultyEngine.Faults;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Any write and any read may fail, in the background as well. What was acknowledged is there; what failed is there wholly or not
 * at all; what was refused isn't; and when nothing fails any more, nothing is left behind.
 */
@Timeout(600)
final class FaultRandomTest {
    private static final int STEPS = 250;
    private static final int FAULTS_LEAST = 3;
    private static final int IDS = 8;
    private static final int CLOSINGS_MOST = 100;
    private static final int WRITES_PER_FAULT = 40;
    private static final int READS_PER_FAULT = 400;

    @TempDir Path directory;

    private final SplittableRandom random = Seed.random(getClass());
    private final Map<String, Known> known = new TreeMap<>();
    private final Faults faults = new Faults();

    /** What must be there of one persistence id. */
    private static final class Known {
        long highest;
        long deletedTo;
        long snapshot;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatWasAcknowledgedIsThere(boolean fsync) {
        StoreSettings settings = Stores.settings(directory, "leveldbjni", fsync);
        Store store = Store.open(settings, engine -> new FaultyEngine(engine, faults));
        for (int i = 0; i < IDS; i++) {
            known.put("p" + i, new Known());
        }
        // Threads of the store ask it, too, in an order of their own.
        Random chance = new Random(random.nextLong());
        faults.before = changes -> chance.nextInt(WRITES_PER_FAULT) == 0;
        faults.after = changes -> chance.nextInt(WRITES_PER_FAULT) == 0;
        faults.reads = key -> chance.nextInt(READS_PER_FAULT) == 0;
        for (int step = 0; step < STEPS || hasFewFaults(store); step++) {
            String id = "p" + random.nextInt(IDS);
            switch (random.nextInt(8)) {
                case 0 -> delete(store, id);
                case 1 -> snapshot(store, id);
                case 2 -> check(store, id);
                default -> append(store);
            }
        }
        faults.none();
        await().until(store::isOpen);
        known.keySet().forEach(id -> check(store, id));
        int failures = (int) store.gauges().failures();
        assertTrue(failures <= faults.failedWrites.get(), failures + " failures");
        store.close();
        Store again = Store.open(settings);
        known.keySet().forEach(id -> check(again, id));
        assertEquals(List.of(), Stores.leftBehind(again));
        assertEquals(tagged(), Stores.tagged(again, "blue"));
        again.close();
    }

    /** Chance may let many steps pass without a fault; such a run goes on until it has met some of each kind. */
    private boolean hasFewFaults(Store store) {
        return store.gauges().failures() < FAULTS_LEAST || faults.failedReads.get() < FAULTS_LEAST;
    }

    private int tagged() {
        return known.entrySet().stream()
                .filter(each -> isTagged(each.getKey()))
                .mapToInt(each -> (int) (each.getValue().highest - each.getValue().deletedTo))
                .sum();
    }

    private static boolean isTagged(String id) {
        return id.compareTo("p4") < 0;
    }

    private static String text(String id, long n) {
        return id + "/" + n;
    }

    private Known of(String id) {
        Known found = known.get(id);
        assertNotNull(found);
        return found;
    }

    private void append(Store store) {
        Map<String, AtomicAppend> appends = new TreeMap<>();
        for (int i = 0; i <= random.nextInt(3); i++) {
            String id = "p" + random.nextInt(IDS);
            List<String> texts = new ArrayList<>();
            for (int n = 0; n <= random.nextInt(3); n++) {
                texts.add(text(id, of(id).highest + 1 + n));
            }
            String[] tags = isTagged(id) ? new String[] {"blue"} : new String[0];
            appends.put(id, Stores.events(id, of(id).highest + 1, texts, tags));
        }
        int reads = faults.failedReads.get();
        try {
            store.append(List.copyOf(appends.values()), false);
        } catch (StoreException.Unavailable e) {
            settle(store, appends);
            return;
        }
        appends.forEach(
                (id, append) -> {
                    if (append.refusal() == null) {
                        of(id).highest += append.events().size();
                    } else {
                        assertTrue(faults.failedReads.get() > reads, "" + append.refusal());
                    }
                });
    }

    /** Those that were not refused were one write: all of it is there, or nothing. */
    private void settle(Store store, Map<String, AtomicAppend> appends) {
        Boolean stored = null;
        for (Map.Entry<String, AtomicAppend> each : appends.entrySet()) {
            Known id = of(each.getKey());
            long highest = asked(store, () -> store.highestSequenceNr(each.getKey()));
            int events = each.getValue().events().size();
            assertTrue(highest == id.highest || highest == id.highest + events, each.getKey());
            boolean there = highest > id.highest;
            if (each.getValue().refusal() == null) {
                assertTrue(stored == null || stored == there, "half of a write is there");
                stored = there;
            } else {
                assertEquals(id.highest, highest);
            }
            id.highest = highest;
        }
    }

    private void delete(Store store, String id) {
        Known of = of(id);
        // Whoever has a snapshot deletes up to it.
        long to = of.snapshot > 0 ? of.snapshot : of.highest - random.nextInt(5);
        if (to <= of.deletedTo) {
            return;
        }
        try {
            store.deleteTo(id, to, false);
            of.deletedTo = to;
        } catch (StoreException e) {
            long deleted = asked(store, () -> new StoreInspection(store).deletedTo(id));
            boolean mayBeStored = e instanceof StoreException.Unavailable;
            assertTrue(deleted == of.deletedTo || (mayBeStored && deleted == to), id);
            of.deletedTo = deleted;
        }
    }

    private void snapshot(Store store, String id) {
        Known of = of(id);
        if (of.highest == of.snapshot) {
            return;
        }
        byte[] bytes = new byte[random.nextBoolean() ? 100 : 100_000];
        try {
            new SnapshotArea(store)
                    .save(
                            id,
                            new SnapshotArea.Id(of.highest, 1),
                            new Serialized(7, text(id, of.highest), bytes),
                            null);
            of.snapshot = of.highest;
        } catch (RuntimeException e) {
            long found = asked(store, () -> youngest(store, id));
            assertTrue(found == of.snapshot || found == of.highest, id + ": " + found);
            of.snapshot = found;
        }
    }

    private static long youngest(Store store, String id) {
        SnapshotArea.Stored found =
                new SnapshotArea(store).loadYoungest(id, (sequenceNr, time) -> true);
        if (found == null) {
            return 0;
        }
        assertEquals(text(id, found.id().sequenceNr()), found.payload().manifest());
        return found.id().sequenceNr();
    }

    private void check(Store store, String id) {
        Known of = of(id);
        assertEquals(of.highest, asked(store, () -> store.highestSequenceNr(id)), id);
        List<String> expected = new ArrayList<>();
        for (long n = of.deletedTo + 1; n <= of.highest; n++) {
            expected.add(text(id, n));
        }
        assertEquals(expected, asked(store, () -> Stores.read(store, id)), id);
        assertEquals(of.snapshot, asked(store, () -> youngest(store, id)), id);
    }

    /** Asks until nothing fails; who asks in vain while no fault is injected hears why. */
    private <T> T asked(Store store, Supplier<T> question) {
        for (int attempt = 0; ; attempt++) {
            await().until(store::isOpen);
            int reads = faults.failedReads.get();
            int writes = faults.failedWrites.get();
            try {
                return question.get();
            } catch (StoreException e) {
                // A write that failed before this began may close the store a moment later.
                boolean isClosedMeanwhile =
                        e instanceof StoreException.Unavailable && attempt < CLOSINGS_MOST;
                boolean injected =
                        isClosedMeanwhile
                                || reads < faults.failedReads.get()
                                || writes < faults.failedWrites.get()
                                || !store.isOpen();
                assertTrue(injected, e::toString);
            }
        }
    }
}
