package io.chainring.persistence.store;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.format.EventRecord;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Deletion in two steps: at once for every reader (the counters say so, one small record), and piece by piece for the
 * disk. A piece goes along with every n-th write; what is left when nobody writes is removed by {@link Maintenance},
 * as are the events of persistence ids that use tags, because their references must be read first. All methods are
 * called under the store's lock.
 */
final class Deletion {
    private final Store store;
    private final RecordWriter writer;
    private final ArrayDeque<String> backlog = new ArrayDeque<>();
    private long backlogKeys;
    private long purgedKeys;
    private long purgedFrom = Long.MAX_VALUE;
    private long purgedTo;

    Deletion(Store store, RecordWriter writer) {
        this.store = store;
        this.writer = writer;
    }

    long backlogKeys() {
        return backlogKeys;
    }

    boolean isEmpty() {
        return backlog.isEmpty();
    }

    void deleteTo(Engine engine, String persistenceId, long toSequenceNr, boolean sync) {
        PersistenceIdState state = store.persistenceIds().get(persistenceId);
        long to = Math.min(toSequenceNr, state.highest);
        if (to <= state.deletedTo) {
            return;
        }
        boolean queued = state.deletedTo > state.purgedTo;
        backlogKeys += to - state.deletedTo;
        state.deletedTo = to;
        state.deletedAtMillis = System.currentTimeMillis();
        state.storedHighest = state.highest;
        byte[] key = Keys.counter(state.number);
        engine.put(key, state.counter().encode(writer, key), sync);
        if (!queued) {
            backlog.add(persistenceId);
        }
        store.maintenance().deletionSoon();
    }

    /** Drops the backlog; it is found again in the database. */
    void forgetAll() {
        backlog.clear();
        backlogKeys = 0;
    }

    /** Takes up what was left when the database was closed. */
    void resume(PersistenceIdState state) {
        if (state.deletedTo > state.purgedTo && !backlog.contains(state.persistenceId)) {
            backlog.add(state.persistenceId);
            backlogKeys += state.deletedTo - state.purgedTo;
        }
    }

    /** Adds the removal of one piece to a batch, if there is one that needs no reading. */
    void addPiece(List<Engine.Change> changes) {
        String next = backlog.peek();
        PersistenceIdState state = next == null ? null : store.persistenceIds().remembered(next);
        if (state != null && !state.tagged) {
            addPiece(state, changes);
        }
    }

    /** Removes the next piece with a write of its own. */
    void removePiece(Engine engine) {
        String next = backlog.peek();
        if (next == null) {
            return;
        }
        PersistenceIdState state = store.persistenceIds().get(next);
        List<Engine.Change> changes = new ArrayList<>();
        if (state.tagged) {
            addReferences(engine, state, changes);
        }
        addPiece(state, changes);
        engine.write(changes, false);
    }

    private void addPiece(PersistenceIdState state, List<Engine.Change> changes) {
        long to = pieceEnd(state);
        for (long sequenceNr = state.purgedTo + 1; sequenceNr <= to; sequenceNr++) {
            changes.add(Engine.Change.delete(Keys.event(state.number, sequenceNr)));
        }
        long count = to - state.purgedTo;
        state.purgedTo = to;
        state.storedHighest = state.highest;
        byte[] key = Keys.counter(state.number);
        changes.add(Engine.Change.put(key, state.counter().encode(writer, key)));
        if (state.purgedTo >= state.deletedTo) {
            backlog.poll();
        }
        backlogKeys -= count;
        purgedKeys += count;
        purgedFrom = Math.min(purgedFrom, state.number);
        purgedTo = Math.max(purgedTo, state.number);
        if (purgedKeys >= store.settings().compactionAfterDeletes()) {
            store.maintenance().compactSoon(purgedFrom, purgedTo);
            purgedKeys = 0;
            purgedFrom = Long.MAX_VALUE;
            purgedTo = 0;
        }
    }

    private void addReferences(
            Engine engine, PersistenceIdState state, List<Engine.Change> changes) {
        engine.scan(
                Keys.event(state.number, state.purgedTo + 1),
                Keys.event(state.number, pieceEnd(state) + 1),
                (key, value) -> {
                    for (EventRecord.TagPlace place : EventRecord.decode(key, value).tags()) {
                        changes.add(
                                Engine.Change.delete(Keys.tag(place.tagNumber(), place.offset())));
                    }
                    return true;
                });
    }

    private long pieceEnd(PersistenceIdState state) {
        return Math.min(state.deletedTo, state.purgedTo + store.settings().deletionPieceKeys());
    }
}
