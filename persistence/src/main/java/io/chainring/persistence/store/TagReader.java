package io.chainring.persistence.store;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.format.EventRecord;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordReader;
import io.chainring.persistence.format.Records;

/** Reads events by tag. Deleted events are left out, whether or not their references are removed yet. */
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

    /**
     * Reads events with a tag.
     *
     * @param afterOffset only those above this
     * @param limit most to read
     * @return the last offset that was looked at, or {@code afterOffset}
     */
    public long read(String tag, long afterOffset, int limit, Visitor visitor) {
        long[] last = {afterOffset};
        try {
            Engine engine = store.engine();
            byte[] nameKey = Keys.tagName(tag);
            byte[] name = engine.get(nameKey);
            if (name == null) {
                return afterOffset;
            }
            long number = Records.value(nameKey, name);
            int[] left = {limit};
            engine.scan(
                    Keys.tag(number, afterOffset + 1),
                    Keys.above(Keys.TAG, number),
                    (key, value) -> {
                        last[0] = Keys.longAt(key, 9);
                        left[0] -= visit(engine, key, value, visitor) ? 1 : 0;
                        return left[0] > 0;
                    });
        } catch (FormatException e) {
            throw StoreErrors.damaged(store.directory(), "cannot read tag " + tag, e);
        } catch (EngineException e) {
            throw StoreErrors.explain(store.directory(), "cannot read tag " + tag, e);
        }
        return last[0];
    }

    private boolean visit(Engine engine, byte[] key, byte[] value, Visitor visitor) {
        RecordReader reference = new RecordReader(key, value);
        long number = reference.i64();
        long sequenceNr = reference.i64();
        String persistenceId = reference.text();
        byte[] eventKey = Keys.event(number, sequenceNr);
        byte[] event = engine.get(eventKey);
        if (event == null || new StoreInspection(store).deletedTo(persistenceId) >= sequenceNr) {
            return false;
        }
        visitor.event(
                Keys.longAt(key, 9),
                persistenceId,
                sequenceNr,
                EventRecord.decode(eventKey, event));
        return true;
    }
}
