package io.chainring.persistence.store;

import io.chainring.base.text.Printable;
import io.chainring.persistence.database.StoreErrors;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.engine.EngineView;
import io.chainring.persistence.format.EventRecord;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordReader;
import io.chainring.persistence.format.Records;

/**
 * Reads events by tag. Deleted events are left out, whether or not their references are removed yet. A reference and its
 * event are written together and removed together: an event that is missing while its reference is there, and that the
 * counters do not call deleted, is lost. Reading fails then, it is never silently shorter.
 */
public final class TagReader {
    private final Store store;

    /** Of one store. */
    public TagReader(Store store) {
        this.store = store;
    }

    /** Gets tagged events in order. */
    @FunctionalInterface
    public interface Visitor {
        /** Takes one event. */
        void event(long offset, String persistenceId, long sequenceNr, EventRecord event);
    }

    /** {@link #read(String, long, long, int, Visitor)} of all there are. */
    public long read(String tag, long afterOffset, int limit, Visitor visitor) {
        return read(tag, afterOffset, Long.MAX_VALUE, limit, visitor);
    }

    /**
     * Reads events with a tag.
     *
     * @param afterOffset only those above this
     * @param lastOffset none above this; {@link Long#MAX_VALUE} for all there are
     * @param limit most to read
     * @return the last offset that was looked at, or {@code afterOffset}
     * @throws StoreException.Damaged if an event is lost, or a record is damaged
     */
    public long read(String tag, long afterOffset, long lastOffset, int limit, Visitor visitor) {
        long[] last = {afterOffset};
        try {
            EngineView engine = store.engine();
            byte[] nameKey = Keys.tagName(tag);
            byte[] name = engine.get(nameKey);
            if (name == null) {
                return afterOffset;
            }
            long number = Records.number(nameKey, name);
            int[] left = {limit};
            engine.scan(
                    Keys.tag(number, afterOffset + 1),
                    Keys.above(Keys.TAG, number),
                    (key, value) -> {
                        long offset = Keys.positionAt(key, 9);
                        if (offset > lastOffset) {
                            return false;
                        }
                        last[0] = offset;
                        left[0] -= visit(engine, number, key, value, visitor) ? 1 : 0;
                        return left[0] > 0;
                    });
        } catch (FormatException e) {
            throw StoreErrors.damaged(
                    store.directory(), "cannot read tag " + Printable.name(tag), e);
        } catch (EngineException e) {
            throw StoreErrors.explain(
                    store.directory(), "cannot read tag " + Printable.name(tag), e);
        }
        return last[0];
    }

    /** The last offset that a tag has now; 0 if it has none. */
    public long lastOffset(String tag) {
        return StoreErrors.reading(
                store.directory(),
                "cannot read tag " + Printable.name(tag),
                () -> {
                    EngineView engine = store.engine();
                    byte[] nameKey = Keys.tagName(tag);
                    byte[] name = engine.get(nameKey);
                    if (name == null) {
                        return 0L;
                    }
                    byte[] key = Keys.counter(Records.number(nameKey, name));
                    byte[] last = engine.get(key);
                    return last == null ? 0L : Records.value(key, last);
                });
    }

    private boolean visit(
            EngineView engine, long tagNumber, byte[] key, byte[] value, Visitor visitor) {
        RecordReader reference = new RecordReader(key, value);
        long number = reference.i64();
        long sequenceNr = reference.i64();
        String persistenceId = reference.text();
        long offset = Keys.positionAt(key, 9);
        byte[] eventKey = Keys.event(number, sequenceNr);
        byte[] stored = engine.get(eventKey);
        // After the event: whoever removes it has marked it as deleted before.
        if (isDeleted(persistenceId, number, sequenceNr)) {
            return false;
        }
        EventRecord event = stored == null ? null : EventRecord.decode(eventKey, stored);
        if (event == null || !event.isAt(tagNumber, offset)) {
            if (engine.get(key) == null) {
                // Removed meanwhile, with its event, and its actor is forgotten.
                return false;
            }
            throw new FormatException(
                    "event %s of %s is missing"
                            .formatted(sequenceNr, Printable.name(persistenceId)));
        }
        visitor.event(offset, persistenceId, sequenceNr, event);
        return true;
    }

    /** Whether the counters prove it; an actor that was forgotten and came back has another number. */
    private boolean isDeleted(String persistenceId, long number, long sequenceNr) {
        PersistenceIdState state = store.persistenceIds().get(persistenceId);
        store.lock.lock();
        try {
            return state.number == number && state.deletedTo >= sequenceNr;
        } finally {
            store.lock.unlock();
        }
    }
}
