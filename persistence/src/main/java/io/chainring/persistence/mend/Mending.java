package io.chainring.persistence.mend;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineView;
import io.chainring.persistence.engine.Salvaged;
import io.chainring.persistence.format.AcknowledgementMark;
import io.chainring.persistence.format.CounterRecord;
import io.chainring.persistence.format.EventRecord;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordWriter;
import io.chainring.persistence.store.StoreInspection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * After what could be read of a damaged journal was copied into a new one: makes of each persistence id what a replay can
 * trust, and says what is lost of it. That is a prefix of what was acknowledged; or, where a snapshot behind a gap can be
 * read, that snapshot and what follows it. Nobody else uses the store meanwhile.
 */
public final class Mending {
    private static final int WRITE_AT_ONCE = 1000;

    private final StoreInspection store;
    private final List<Salvaged.Lost> lost;
    private final AcknowledgementMark.@Nullable Position acknowledged;
    private final BiConsumer<String, String> report;
    private final RecordWriter writer = new RecordWriter();
    private final List<Engine.Change> changes = new ArrayList<>();
    private final MendedTags tags;
    private final MendedSnapshots snapshots;

    /** What is kept of each number. */
    private final Map<Long, Kept> kept = new HashMap<>();

    /** Events above the first and up to the second. */
    record Kept(long deletedTo, long highest) {}

    /**
     * Begins; the store does nothing by itself any more.
     *
     * @param lost what could not be copied
     * @param acknowledged the last event that was acknowledged, where that is known
     * @param report gets a persistence id and what is lost of it
     */
    public Mending(
            StoreInspection store,
            List<Salvaged.Lost> lost,
            AcknowledgementMark.@Nullable Position acknowledged,
            BiConsumer<String, String> report) {
        this.store = store;
        this.lost = lost;
        this.acknowledged = acknowledged;
        this.report = report;
        this.tags = new MendedTags(this);
        this.snapshots = new MendedSnapshots(this);
        store.standStill();
    }

    /** Gives every number that has something a name. */
    public void names() {
        new MendedNames(this).mend();
        flush();
        store.rebuildNumbers();
    }

    /** After all persistence ids: makes the index of tags that of the events that are kept. */
    public void tags() {
        tags.mend(kept);
        flush();
        store.forgetRemembered();
    }

    /**
     * Mends one persistence id.
     *
     * @return how many events are kept
     */
    public long mend(String persistenceId) {
        long number = store.numberOf(persistenceId);
        EngineView engine = store.stored();
        boolean counterLost = mayBeLost(Keys.counter(number), Keys.counter(number + 1));
        CounterRecord counter = intactCounter(engine, number);
        long first = firstEvent(engine, number);
        long deletedTo = counter == null ? 0 : counter.deletedTo();
        if ((counter == null || counterLost) && first > deletedTo + 1) {
            deletedTo = first - 1;
        }
        long gap = lastBeforeGap(engine, number, deletedTo) + 1;
        long covered = MendedSnapshots.youngest(engine, number);
        if (covered >= gap) {
            report.accept(
                    persistenceId,
                    "events %s to %s are lost or go with a lost one: the snapshot at %s stands for all up to it"
                            .formatted(deletedTo + 1, covered, covered));
            deletedTo = covered;
        }
        IntactPrefix prefix =
                new IntactPrefix(
                        deletedTo,
                        (event, sequenceNr) -> tags.kept(persistenceId, number, sequenceNr, event));
        engine.scan(
                Keys.event(number, deletedTo + 1), Keys.above(Keys.EVENT, number), prefix::next);
        flush();
        long believed = Math.max(counter == null ? 0 : counter.highest(), prefix.last);
        if (acknowledged != null && acknowledged.number() == number) {
            believed = Math.max(believed, acknowledged.sequenceNr());
        }
        remove(Keys.first(Keys.EVENT, number), Keys.event(number, deletedTo + 1));
        remove(Keys.event(number, prefix.good + 1), Keys.above(Keys.EVENT, number));
        kept.put(number, new Kept(deletedTo, prefix.good));
        if (number > 0 && (counter != null || counterLost || prefix.good > 0)) {
            byte[] key = Keys.counter(number);
            CounterRecord mended =
                    new CounterRecord(
                            prefix.good, deletedTo, deletedTo, System.currentTimeMillis(), true);
            change(Engine.Change.put(key, mended.encode(writer, key)));
        }
        if (prefix.good < believed) {
            report.accept(
                    persistenceId,
                    "events %s to %s are lost or follow a lost one"
                            .formatted(prefix.good + 1, believed));
        }
        if (mayBeLost(Keys.event(number, believed + 1), Keys.above(Keys.EVENT, number))) {
            report.accept(
                    persistenceId,
                    "events from %s on are lost, if there were any".formatted(believed + 1));
        }
        if (counterLost) {
            report.accept(
                    persistenceId,
                    "its counters are lost, or were: it is taken to have events %s to %s"
                            .formatted(deletedTo + 1, prefix.good));
        }
        snapshots.mend(persistenceId, number, deletedTo);
        flush();
        store.forgetRemembered();
        return prefix.kept;
    }

    /** After all persistence ids, if anything at all is lost: names those of whom it may have been a snapshot. */
    public void perhapsSnapshots() {
        snapshots.reportBare();
    }

    EngineView engine() {
        return store.stored();
    }

    RecordWriter writer() {
        return writer;
    }

    void report(String persistenceId, String what) {
        report.accept(persistenceId, what);
    }

    /** Whether something with a key of {@code [from, to)} may be lost. */
    boolean mayBeLost(byte[] from, byte[] to) {
        return lost.stream().anyMatch(each -> each.mayHold(from, to));
    }

    void change(Engine.Change change) {
        changes.add(change);
        if (changes.size() >= WRITE_AT_ONCE) {
            flush();
        }
    }

    private void flush() {
        if (!changes.isEmpty()) {
            store.change(changes);
            changes.clear();
        }
    }

    private void remove(byte[] from, byte[] to) {
        engine().scan(
                        from,
                        to,
                        (key, value) -> {
                            change(Engine.Change.delete(key));
                            return true;
                        });
    }

    private static @Nullable CounterRecord intactCounter(EngineView engine, long number) {
        byte[] key = Keys.counter(number);
        byte[] value = engine.get(key);
        try {
            return value == null ? null : CounterRecord.decode(key, value);
        } catch (FormatException e) {
            // It is rebuilt from the events.
            return null;
        }
    }

    private static long lastBeforeGap(EngineView engine, long number, long deletedTo) {
        IntactPrefix prefix = new IntactPrefix(deletedTo, (event, sequenceNr) -> {});
        engine.scan(
                Keys.event(number, deletedTo + 1), Keys.above(Keys.EVENT, number), prefix::next);
        return prefix.good;
    }

    /** Number of the first event, 0 if there is none. */
    private static long firstEvent(EngineView engine, long number) {
        long[] first = {0};
        engine.scan(
                Keys.first(Keys.EVENT, number),
                Keys.above(Keys.EVENT, number),
                (key, value) -> {
                    first[0] = Keys.positionAt(key, 9);
                    return false;
                });
        return first[0];
    }

    /** Finds the longest run of intact events from the first one on. */
    private static final class IntactPrefix {
        private final ObjLongConsumer<EventRecord> keep;
        private long good;
        private long last;
        private long kept;
        private boolean broken;

        /** Begins behind what is deleted. */
        IntactPrefix(long deletedTo, ObjLongConsumer<EventRecord> keep) {
            this.good = deletedTo;
            this.last = deletedTo;
            this.keep = keep;
        }

        boolean next(byte[] key, byte[] value) {
            last = Keys.positionAt(key, 9);
            EventRecord event = broken ? null : intact(key, value);
            if (event != null && (last == good + 1 || event.afterGap())) {
                good = last;
                kept++;
                keep.accept(event, last);
            } else {
                broken = true;
            }
            return true;
        }

        private static @Nullable EventRecord intact(byte[] key, byte[] value) {
            try {
                return EventRecord.decode(key, value);
            } catch (FormatException e) {
                return null;
            }
        }
    }
}
