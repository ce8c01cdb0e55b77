package io.chainring.persistence.store;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.format.CounterRecord;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up what an earlier run left behind ({@link LeftoverScan}): deletions that were not finished, and the names of
 * finished actors.
 *
 * <p>An actor is finished when it has deleted all its events, has no snapshot, and nothing happened for the configured
 * time. Its name and counters are removed then; should it ever come back, it begins with sequence number 1 again.
 */
final class Leftovers {
    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

    /** Persistence ids that are taken up, or forgotten, while the lock is held once. */
    private static final int AT_ONCE = 64;

    private final Store store;
    private final LeftoverScan scan;
    private final RecordWriter writer = new RecordWriter();

    /** A state that is not remembered was never in use since the scan, as long as this is the same. */
    private final long evictions;

    private Leftovers(Store store) {
        this.store = store;
        this.evictions = store.persistenceIds().evictions();
        this.scan = new LeftoverScan(store);
    }

    /** Visits every persistence id's counters and name once; on the maintenance thread. */
    static void resume(Store store) {
        new Leftovers(store).run();
    }

    private void run() {
        if (!scan.run()) {
            return;
        }
        inGroups(scan.unfinished(), this::takeUp);
        if (!scan.unfinished().isEmpty()) {
            store.maintenance().deletionSoon();
        }
        int[] forgotten = {0};
        inGroups(scan.finished(), group -> forgotten[0] += forget(group));
        scan.report();
        if (forgotten[0] > 0) {
            LOG.info(
                    "Journal {}: removed {} finished actors from the name table",
                    store.directory(),
                    forgotten[0]);
        }
    }

    private interface Step {
        void with(List<LeftoverScan.Found> group);
    }

    private static void inGroups(Map<Long, LeftoverScan.Found> all, Step step) {
        List<LeftoverScan.Found> group = new ArrayList<>();
        for (LeftoverScan.Found each : all.values()) {
            // What has no readable name can't be in use.
            if (!each.name.isEmpty()) {
                group.add(each);
            }
            if (group.size() == AT_ONCE) {
                step.with(group);
                group.clear();
            }
        }
        if (!group.isEmpty()) {
            step.with(group);
        }
    }

    private void takeUp(List<LeftoverScan.Found> group) {
        store.lock.lock();
        try {
            for (LeftoverScan.Found each : group) {
                if (each.isBehindPurge()) {
                    putBack(each);
                } else {
                    store.deletion()
                            .resume(each.name, each.counter.deletedTo() - each.counter.purgedTo());
                }
            }
        } finally {
            store.lock.unlock();
        }
    }

    /**
     * A power loss took the removal of events, and left that of later ones: LevelDB does not sync a log that it leaves for
     * the next one. They are removed again.
     */
    private void putBack(LeftoverScan.Found found) {
        try {
            PersistenceIdState state = store.persistenceIds().get(found.name);
            if (state.number == found.number && state.purgedTo >= found.firstEvent) {
                store.requireRoom();
                state.purgedTo = found.firstEvent - 1;
                state.storedHighest = state.highest;
                byte[] key = Keys.counter(state.number);
                store.write(List.of(Engine.Change.put(key, state.counter().encode(writer, key))));
            }
            store.deletion().resume(found.name, state.deletedTo - state.purgedTo);
        } catch (EngineException.Read | FormatException e) {
            scan.unreadable(e);
        }
    }

    private int forget(List<LeftoverScan.Found> group) {
        Map<Long, LeftoverScan.Found> byNumber = new TreeMap<>();
        Map<Long, String> names = new TreeMap<>();
        for (LeftoverScan.Found each : group) {
            byNumber.put(each.number, each);
            names.put(each.number, each.name);
        }
        return store.persistenceIds()
                .remove(names, number -> isIdle(Objects.requireNonNull(byNumber.get(number))));
    }

    /** Whether nothing has happened to it since the scan found it finished; under the lock. */
    private boolean isIdle(LeftoverScan.Found found) {
        try {
            boolean evicted = store.persistenceIds().evictions() != evictions;
            PersistenceIdState state =
                    evicted
                            ? store.persistenceIds().get(found.name)
                            : store.persistenceIds().remembered(found.name);
            if (state == null) {
                return true;
            }
            CounterRecord counter = found.counter;
            return state.number == found.number
                    && state.highest == counter.highest()
                    && state.deletedTo == state.highest
                    && state.purgedTo == state.deletedTo
                    && state.deletedAtMillis == counter.deletedAtMillis()
                    && !state.hasNewSnapshot;
        } catch (EngineException.Read | FormatException e) {
            scan.unreadable(e);
            return false;
        }
    }
}
