package io.chainring.persistence.store;

import io.chainring.base.text.Printable;
import io.chainring.persistence.database.StoreErrors;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.format.EventRecord;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;

/**
 * Reads events of one persistence id; deleted ones do not exist for it. A number that is missing without a mark of a
 * gap is a lost event: reading fails, it is never silently shorter.
 */
public final class EventReader {
    private final Store store;
    private final String persistenceId;
    private final long number;
    private final Visitor visitor;
    private final long last;
    private long expected;
    private boolean stopped;

    private EventReader(
            Store store,
            String persistenceId,
            long number,
            long first,
            long last,
            Visitor visitor) {
        this.store = store;
        this.persistenceId = persistenceId;
        this.number = number;
        this.expected = first;
        this.last = last;
        this.visitor = visitor;
    }

    /** Gets events in order. */
    @FunctionalInterface
    public interface Visitor {
        /** Takes one event; returns false to stop. */
        boolean event(long sequenceNr, EventRecord event);
    }

    static void read(
            Store store,
            String persistenceId,
            long fromSequenceNr,
            long toSequenceNr,
            Visitor visitor) {
        try {
            PersistenceIdState state = store.persistenceIds().get(persistenceId);
            long number;
            long first;
            long last;
            store.lock.lock();
            try {
                number = state.number;
                first = Math.max(Math.max(1, fromSequenceNr), state.deletedTo + 1);
                last = Math.min(toSequenceNr, state.highest);
            } finally {
                store.lock.unlock();
            }
            if (number == 0 || first > last) {
                return;
            }
            EventReader reader =
                    new EventReader(store, persistenceId, number, first, last, visitor);
            store.engine()
                    .scan(Keys.event(number, first), Keys.above(Keys.EVENT, number), reader::next);
            reader.checkEnd();
        } catch (FormatException e) {
            throw StoreErrors.damaged(
                    store.directory(), "cannot read events of " + Printable.name(persistenceId), e);
        } catch (EngineException e) {
            throw StoreErrors.explain(
                    store.directory(), "cannot read events of " + Printable.name(persistenceId), e);
        }
    }

    private boolean next(byte[] key, byte[] value) {
        long sequenceNr = Keys.positionAt(key, 9);
        EventRecord event = EventRecord.decode(key, value);
        if (sequenceNr != expected && !event.afterGap() && !isDeleted(sequenceNr - 1)) {
            throw lost(sequenceNr - 1);
        }
        expected = sequenceNr + 1;
        stopped = sequenceNr > last || !visitor.event(sequenceNr, event) || sequenceNr == last;
        return !stopped;
    }

    private void checkEnd() {
        if (!stopped && !isDeleted(last)) {
            throw lost(last);
        }
    }

    /** Since this began to read; who was forgotten meanwhile has no number, or another one. */
    private boolean isDeleted(long sequenceNr) {
        PersistenceIdState state = store.persistenceIds().get(persistenceId);
        store.lock.lock();
        try {
            return state.number != number || state.deletedTo >= sequenceNr;
        } finally {
            store.lock.unlock();
        }
    }

    private FormatException lost(long lastMissing) {
        return new FormatException(
                "events %s to %s of %s are missing"
                        .formatted(expected, lastMissing, Printable.name(persistenceId)));
    }
}
