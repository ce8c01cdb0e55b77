package io.chainring.persistence.store;

import io.chainring.persistence.database.StoreErrors;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.engine.EngineView;
import io.chainring.persistence.engine.PastDamage;
import io.chainring.persistence.format.CounterRecord;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.Records;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks through a database for what deletion has left to do. It goes by number, as counters, events and snapshots do, so
 * each key, and each place where one was removed, is passed once; then through the names for those that are found.
 */
final class LeftoverScan {
    private static final Logger LOG = LoggerFactory.getLogger(LeftoverScan.class);

    private final Store store;
    private final EngineView engine;
    private final FirstEntries events;
    private final FirstEntries snapshots;
    private final Set<Long> tagNumbers = new HashSet<>();
    private final TreeMap<Long, Found> unfinished = new TreeMap<>();
    private final TreeMap<Long, Found> finished = new TreeMap<>();
    private long forgetBeforeMillis;
    private int unreadable;
    private String firstUnreadable = "";

    /** A persistence id that has left something behind. */
    static final class Found {
        final long number;
        final CounterRecord counter;

        /** Sequence number of its first event, or {@link FirstEntries#NONE}. */
        final long firstEvent;

        String name = "";

        Found(long number, CounterRecord counter, long firstEvent) {
            this.number = number;
            this.counter = counter;
            this.firstEvent = firstEvent;
        }

        /** Whether an event is there that was removed already. */
        boolean isBehindPurge() {
            return firstEvent != FirstEntries.NONE && firstEvent <= counter.purgedTo();
        }
    }

    LeftoverScan(Store store) {
        this.store = store;
        this.engine = store.engine();
        this.events = new FirstEntries(engine, Keys.EVENT);
        this.snapshots = new FirstEntries(engine, Keys.SNAPSHOT);
    }

    /** Persistence ids with deleted events that are there, by number. */
    SortedMap<Long, Found> unfinished() {
        return unfinished;
    }

    /** Persistence ids that have nothing left and are to be forgotten, by number. */
    SortedMap<Long, Found> finished() {
        return finished;
    }

    /**
     * Looks through it.
     *
     * @return false if the store was closed meanwhile: what was found is not all, and may not be right
     */
    boolean run() {
        Duration after = store.settings().forgetFinishedAfter();
        forgetBeforeMillis =
                after.isZero() ? Long.MIN_VALUE : System.currentTimeMillis() - after.toMillis();
        scan(Keys.TAG_NAME, (key, value) -> tagNumbers.add(Records.number(key, value)));
        scan(
                Keys.COUNTER,
                (key, value) -> {
                    long number = Keys.longAt(key, 1);
                    if (!tagNumbers.contains(number)) {
                        look(number, CounterRecord.decode(key, value));
                    }
                });
        if (!unfinished.isEmpty() || !finished.isEmpty()) {
            scan(
                    Keys.NAME,
                    (key, value) -> {
                        long number = Records.number(key, value);
                        Found found = unfinished.get(number);
                        found = found == null ? finished.get(number) : found;
                        if (found != null) {
                            found.name = Keys.textOf(key);
                        }
                    });
        }
        return !store.maintenance().isClosing();
    }

    private void look(long number, CounterRecord counter) {
        if (counter.deletedTo() == 0) {
            return;
        }
        if (counter.deletedTo() > counter.purgedTo()) {
            // In any case; whether something is left behind what was removed may not be readable.
            unfinished.put(number, new Found(number, counter, FirstEntries.NONE));
        }
        Found found = new Found(number, counter, events.of(number));
        if (found.isBehindPurge()) {
            unfinished.put(number, found);
        } else if (counter.deletedTo() == counter.purgedTo()
                && counter.deletedTo() == counter.highest()
                && counter.deletedAtMillis() < forgetBeforeMillis
                && found.firstEvent == FirstEntries.NONE
                && !snapshots.has(number)) {
            finished.put(number, found);
        }
    }

    private interface Entry {
        void visit(byte[] key, byte[] value);
    }

    private void scan(byte kind, Entry entry) {
        PastDamage.scan(
                engine,
                Keys.first(kind),
                Keys.above(kind),
                (key, value) -> {
                    try {
                        entry.visit(key, value);
                    } catch (EngineException.Read | FormatException e) {
                        unreadable(e);
                    }
                    return !store.maintenance().isClosing();
                },
                this::unreadable);
    }

    void unreadable(RuntimeException why) {
        unreadable++;
        firstUnreadable = unreadable == 1 ? String.valueOf(why.getMessage()) : firstUnreadable;
    }

    /** Says in one line what can't be read. */
    void report() {
        if (unreadable > 0) {
            LOG.error(
                    "Journal {}: {} names or counters can't be read, and what is deleted of them stays: {}{}",
                    store.directory(),
                    unreadable,
                    firstUnreadable,
                    StoreErrors.wayOut(store.directory()));
        }
    }
}
