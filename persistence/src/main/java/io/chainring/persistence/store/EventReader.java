package io.chainring.persistence.store;

import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.format.EventRecord;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;

/** Reads events of one persistence id; deleted ones do not exist for it. */
public final class EventReader {
    private EventReader() {}

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
        PersistenceIdState state = store.persistenceIds().get(persistenceId);
        long number;
        long first;
        store.lock.lock();
        try {
            number = state.number;
            first = Math.max(Math.max(1, fromSequenceNr), state.deletedTo + 1);
        } finally {
            store.lock.unlock();
        }
        if (number == 0 || first > toSequenceNr) {
            return;
        }
        byte[] end =
                toSequenceNr == Long.MAX_VALUE
                        ? Keys.above(Keys.EVENT, number)
                        : Keys.event(number, toSequenceNr + 1);
        try {
            store.engine()
                    .scan(
                            Keys.event(number, first),
                            end,
                            (key, value) ->
                                    visitor.event(
                                            Keys.longAt(key, 9), EventRecord.decode(key, value)));
        } catch (FormatException e) {
            throw damaged(store, persistenceId, e);
        } catch (EngineException e) {
            throw new StoreException.Unavailable(
                    store.directory(),
                    "cannot read events of " + persistenceId + ": " + e.getMessage(),
                    e);
        }
    }

    private static StoreException.Damaged damaged(Store store, String id, FormatException cause) {
        return new StoreException.Damaged(
                store.directory(),
                "events of "
                        + id
                        + " are damaged: "
                        + cause.getMessage()
                        + "; stop the node and run: chainring journal verify "
                        + store.directory(),
                cause);
    }
}
