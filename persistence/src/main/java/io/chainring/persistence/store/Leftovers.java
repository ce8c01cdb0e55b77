package io.chainring.persistence.store;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.format.CounterRecord;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.Records;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an earlier run left behind: deletions that were not finished, and the names of finished actors.
 *
 * <p>An actor is finished when it has deleted all its events, has no snapshot, and nothing happened for the configured
 * time. Its name and counters are removed then; should it ever come back, it begins with sequence number 1 again.
 */
final class Leftovers {
    private static final Logger LOG = LoggerFactory.getLogger(Leftovers.class);

    private Leftovers() {}

    /** Visits the whole name table once; on the maintenance thread. */
    static void resume(Store store) {
        Duration after = store.settings().forgetFinishedAfter();
        long forgetBeforeMillis =
                after.isZero() ? Long.MIN_VALUE : System.currentTimeMillis() - after.toMillis();
        List<String> unfinished = new ArrayList<>();
        List<String> finished = new ArrayList<>();
        Engine engine = store.engine();
        engine.scan(
                Keys.first(Keys.NAME),
                Keys.above(Keys.NAME),
                (key, value) -> {
                    CounterRecord counter = counter(engine, Records.value(key, value));
                    if (counter.deletedTo() > counter.purgedTo()) {
                        unfinished.add(Keys.textOf(key));
                    } else if (counter.deletedTo() > 0
                            && counter.deletedTo() == counter.highest()
                            && counter.deletedAtMillis() < forgetBeforeMillis) {
                        finished.add(Keys.textOf(key));
                    }
                    return true;
                });
        unfinished.forEach(id -> resumeDeletion(store, id));
        int forgotten = 0;
        for (String persistenceId : finished) {
            forgotten += forget(store, persistenceId, forgetBeforeMillis) ? 1 : 0;
        }
        if (forgotten > 0) {
            LOG.info(
                    "Journal {}: removed {} finished actors from the name table",
                    store.directory(),
                    forgotten);
        }
    }

    /**
     * Removes the name and counters of an actor that has neither events nor snapshots.
     *
     * @param deletedBeforeMillis its last deletion must be older
     * @return whether it was removed
     */
    static boolean forget(Store store, String persistenceId, long deletedBeforeMillis) {
        store.lock.lock();
        try {
            PersistenceIdState state = store.persistenceIds().get(persistenceId);
            Engine engine = store.engine();
            boolean idle =
                    state.number != 0
                            && state.deletedTo == state.highest
                            && state.purgedTo == state.deletedTo
                            && state.deletedAtMillis < deletedBeforeMillis
                            && isEmpty(engine, Keys.EVENT, state.number)
                            && isEmpty(engine, Keys.SNAPSHOT, state.number);
            if (!idle) {
                return false;
            }
            store.mark().clearIf(state.number);
            engine.write(
                    List.of(
                            Engine.Change.delete(Keys.name(persistenceId)),
                            Engine.Change.delete(Keys.counter(state.number))),
                    store.settings().fsync());
            store.persistenceIds().forget(persistenceId);
            return true;
        } finally {
            store.lock.unlock();
        }
    }

    private static void resumeDeletion(Store store, String persistenceId) {
        store.lock.lock();
        try {
            PersistenceIdState state = store.persistenceIds().get(persistenceId);
            store.deletion().resume(state);
            store.maintenance().deletionSoon();
        } finally {
            store.lock.unlock();
        }
    }

    private static CounterRecord counter(Engine engine, long number) {
        byte[] key = Keys.counter(number);
        byte[] value = engine.get(key);
        try {
            return value == null ? CounterRecord.NONE : CounterRecord.decode(key, value);
        } catch (FormatException e) {
            LOG.warn("Skipping damaged counters: {}", e.getMessage());
            return CounterRecord.NONE;
        }
    }

    private static boolean isEmpty(Engine engine, byte kind, long number) {
        boolean[] empty = {true};
        engine.scan(
                Keys.first(kind, number),
                Keys.above(kind, number),
                (key, value) -> {
                    empty[0] = false;
                    return false;
                });
        return empty[0];
    }
}
