package io.chainring.persistence.store;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.format.EventRecord;
import io.chainring.persistence.format.EventRecord.TagPlace;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns appends into the changes of one batch. All methods are called under the store's lock; the lists are used again
 * and again.
 *
 * <p>The counters are stored with every {@value #COUNTER_EVERY}th event of a persistence id only: the highest sequence
 * number is found from there by reading at most that many events.
 */
final class EventWriter {
    private static final int COUNTER_EVERY = 128;
    private static final int KEEP_CHANGES = 4096;

    private final Store store;
    private final RecordWriter writer;
    private ArrayList<Engine.Change> changes = new ArrayList<>();
    private int records;
    private long payloadBytes;
    private long lastNumber;
    private long lastSequenceNr;

    EventWriter(Store store, RecordWriter writer) {
        this.store = store;
        this.writer = writer;
    }

    int records() {
        return records;
    }

    long payloadBytes() {
        return payloadBytes;
    }

    void reset() {
        records = 0;
        payloadBytes = 0;
        if (changes.size() > KEEP_CHANGES) {
            changes = new ArrayList<>();
        } else {
            changes.clear();
        }
    }

    void prepare(List<AtomicAppend> appends) {
        long nowMillis = System.currentTimeMillis();
        for (int i = 0; i < appends.size(); i++) {
            AtomicAppend append = appends.get(i);
            try {
                addOrRefuse(append, nowMillis);
            } catch (EngineException.Read | FormatException e) {
                append.refuse(store.failed(e));
            } catch (EngineException e) {
                throw e;
            } catch (RuntimeException e) {
                // Its own fault: nobody else of the batch suffers from it.
                append.refuse(e);
            }
        }
        if (records > 0) {
            store.deletion().goAlong(records, changes);
        }
    }

    /** Writes what was prepared and sets the mark. */
    void write(boolean sync) {
        store.writeEvents(changes, sync);
        store.mark().set(lastNumber, lastSequenceNr);
    }

    private void addOrRefuse(AtomicAppend append, long nowMillis) {
        PersistenceIdState state = store.persistenceIds().get(append.persistenceId());
        long first = append.events().get(0).sequenceNr();
        if (first <= state.highest) {
            append.refuse(
                    new StoreException.SequenceNrTaken(
                            store.directory(), append.persistenceId(), first, state.highest));
            return;
        }
        int changesBefore = changes.size();
        int recordsBefore = records;
        long numberBefore = state.number;
        long highestBefore = state.highest;
        store.tagIndex().begin();
        try {
            add(append, state, nowMillis);
        } catch (RuntimeException e) {
            // Take back what was half prepared: the others of the batch are stored, this one not at
            // all.
            changes.subList(changesBefore, changes.size()).clear();
            records = recordsBefore;
            state.number = numberBefore;
            state.highest = highestBefore;
            store.tagIndex().takeBack();
            throw e;
        }
    }

    private void add(AtomicAppend append, PersistenceIdState state, long nowMillis) {
        store.persistenceIds().number(state, changes);
        boolean tagged = state.tagged;
        List<AtomicAppend.Event> events = append.events();
        for (int i = 0; i < events.size(); i++) {
            AtomicAppend.Event event = events.get(i);
            byte[] key = Keys.event(state.number, event.sequenceNr());
            List<TagPlace> tags = List.of();
            if (!event.tags().isEmpty()) {
                tags = store.tagIndex().places(event.tags(), state, event.sequenceNr(), changes);
                tagged = true;
            }
            EventRecord record =
                    new EventRecord(
                            nowMillis,
                            event.payload(),
                            event.adapterManifest(),
                            event.writerUuid(),
                            tags,
                            event.metadata(),
                            event.sequenceNr() != state.highest + 1);
            byte[] value = record.encode(writer, key);
            changes.add(Engine.Change.put(key, value));
            payloadBytes += event.payload().bytes().length;
            records++;
            state.highest = event.sequenceNr();
        }
        lastNumber = state.number;
        lastSequenceNr = state.highest;
        if (state.highest - state.storedHighest >= COUNTER_EVERY || tagged != state.tagged) {
            state.tagged = tagged;
            state.storedHighest = state.highest;
            byte[] key = Keys.counter(state.number);
            changes.add(Engine.Change.put(key, state.counter().encode(writer, key)));
        }
    }
}
