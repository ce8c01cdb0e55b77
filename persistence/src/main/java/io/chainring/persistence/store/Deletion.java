package io.chainring.persistence.store;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.format.EventRecord;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordWriter;
import io.chainring.persistence.store.DeletionQueue.Part;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Deletion in two steps: at once for every reader (the counters say so, one small record), and piece by piece for the
 * disk.
 *
 * <p><b>It keeps up by construction.</b> Each event that is written pays for the removal of several deleted keys
 * ({@code deletion.keys-per-event}): as soon as that comes to a piece, a piece of so many keys, of as many persistence ids
 * as it takes, goes along with the write. As nothing can be deleted that was not written, what waits for removal is never
 * more than a constant beyond what was ever alive at a time, however long and fast actors come and go, and whatever the
 * other threads do. {@link Maintenance} removes what is left, for as long as there is something.
 *
 * <p>References of tagged events must be read before they are removed. The background does that without the lock, so a
 * write takes them along only when many wait. What can't be read is parked.
 *
 * <p>All methods are called under the store's lock, except {@link #removePiece}.
 */
final class Deletion {
    /** So many pieces of what must be read may wait for the background before writes read it themselves. */
    private static final int UNREAD_PIECES = 16;

    private final Store store;
    private final RecordWriter writer;
    private final DeletionQueue queue = new DeletionQueue();
    private final ParkedDeletions parked;
    private final PurgedSpace purged;
    private long paidKeys;

    Deletion(Store store, RecordWriter writer) {
        this.store = store;
        this.writer = writer;
        this.parked = new ParkedDeletions(store.directory());
        this.purged = new PurgedSpace(store);
    }

    /** Removals of one persistence id that were read without the lock. */
    private record Read(PersistenceIdState state, long from, long to, List<byte[]> references) {}

    long backlogKeys() {
        return queue.keys();
    }

    /** Persistence ids whose deleted events can't be removed. */
    int parked() {
        return parked.size();
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    void deleteTo(String persistenceId, long toSequenceNr, boolean sync) {
        PersistenceIdState state = store.persistenceIds().get(persistenceId);
        long to = Math.min(toSequenceNr, state.highest);
        if (to <= state.deletedTo) {
            return;
        }
        state.deletedTo = to;
        state.deletedAtMillis = System.currentTimeMillis();
        state.storedHighest = state.highest;
        byte[] key = Keys.counter(state.number);
        store.write(List.of(Engine.Change.put(key, state.counter().encode(writer, key))), sync);
        if (!parked.contains(persistenceId)) {
            queue.put(persistenceId, state.deletedTo - state.purgedTo, part(state));
            store.maintenance().deletionSoon();
        }
    }

    /** Drops the backlog; it is found again in the database. */
    void forgetAll() {
        queue.clear();
        parked.forgetAll();
        paidKeys = 0;
    }

    /**
     * Takes up what was left when the database was closed.
     *
     * @param keys deleted and not removed, as the database has it
     */
    void resume(String persistenceId, long keys) {
        if (!parked.contains(persistenceId)) {
            PersistenceIdState known = store.persistenceIds().remembered(persistenceId);
            queue.put(
                    persistenceId,
                    known == null ? keys : known.deletedTo - known.purgedTo,
                    known == null ? Part.OLD : part(known));
        }
    }

    /** Adds what a write of so many events pays for to its batch. */
    void goAlong(int events, List<Engine.Change> changes) {
        if (queue.isEmpty()) {
            paidKeys = 0;
            return;
        }
        int pieceKeys = store.settings().deletionPieceKeys();
        paidKeys += (long) events * store.settings().deletionKeysPerEvent();
        if (paidKeys >= pieceKeys) {
            long left = addUntagged(paidKeys, changes);
            if (left > 0 && queue.keys(Part.UNREAD) > (long) UNREAD_PIECES * pieceKeys) {
                addUnread(left, changes);
            }
            paidKeys = 0;
        }
    }

    /** Of those that need no reading; returns how many keys are left to remove. */
    private long addUntagged(long keys, List<Engine.Change> changes) {
        long left = keys;
        String next = queue.peek(Part.READY);
        while (next != null && left > 0) {
            PersistenceIdState state = store.persistenceIds().remembered(next);
            if (state == null || state.tagged) {
                queue.mustBeRead(next);
            } else {
                left -= add(state, pieceEnd(state, left), changes);
            }
            next = queue.peek(Part.READY);
        }
        return left;
    }

    /** Of those that were written a while ago. */
    private void addUnread(long keys, List<Engine.Change> changes) {
        long left = keys;
        String next = queue.peek(Part.UNREAD);
        while (next != null && left > 0) {
            Read read = readAhead(next, left);
            left -= read == null ? 0 : addRead(read, changes);
            next = queue.peek(Part.UNREAD);
        }
    }

    /**
     * Removes the next piece with a write of its own; without the lock, which it takes for the write only.
     *
     * @param keys of events, at most
     * @return whether there was something
     */
    boolean removePiece(int keys) {
        List<Read> reads = readAhead(keys);
        store.lock.lock();
        try {
            if (queue.isEmpty()) {
                return false;
            }
            store.requireRoom();
            List<Engine.Change> changes = new ArrayList<>();
            long left = keys;
            for (Read read : reads) {
                left -= addRead(read, changes);
            }
            addUntagged(left, changes);
            if (!changes.isEmpty()) {
                store.write(changes);
            }
            return true;
        } catch (RuntimeException | Error e) {
            throw store.failed(e);
        } finally {
            store.lock.unlock();
        }
    }

    private List<Read> readAhead(int keys) {
        List<String> ids = new ArrayList<>();
        store.lock.lock();
        try {
            queue.firstUnread(keys, ids);
        } finally {
            store.lock.unlock();
        }
        List<Read> reads = new ArrayList<>();
        long left = keys;
        for (int i = 0; i < ids.size() && left > 0; i++) {
            Read read = readAhead(ids.get(i), left);
            if (read != null) {
                reads.add(read);
                left -= read.to - read.from;
            }
        }
        return reads;
    }

    /** What must be read before a persistence id's events are removed; null if it can't be, and is parked. */
    private @Nullable Read readAhead(String persistenceId, long keys) {
        try {
            PersistenceIdState state = store.persistenceIds().get(persistenceId);
            long from;
            long to;
            store.lock.lock();
            try {
                from = state.purgedTo;
                to = pieceEnd(state, keys);
            } finally {
                store.lock.unlock();
            }
            return new Read(
                    state, from, to, state.tagged ? references(state, from, to) : List.of());
        } catch (EngineException.Read | FormatException e) {
            park(persistenceId, e);
            return null;
        }
    }

    private List<byte[]> references(PersistenceIdState state, long from, long to) {
        List<byte[]> references = new ArrayList<>();
        store.engine()
                .scan(
                        Keys.event(state.number, from + 1),
                        Keys.event(state.number, to + 1),
                        (key, value) -> {
                            for (EventRecord.TagPlace place :
                                    EventRecord.decode(key, value).tags()) {
                                references.add(Keys.tag(place.tagNumber(), place.offset()));
                            }
                            return true;
                        });
        return references;
    }

    private void park(String persistenceId, RuntimeException why) {
        store.lock.lock();
        try {
            if (queue.remove(persistenceId)) {
                parked.park(persistenceId, why);
            }
        } finally {
            store.lock.unlock();
        }
    }

    /** Unless something else has happened to it since it was read. */
    private long addRead(Read read, List<Engine.Change> changes) {
        PersistenceIdState state = read.state;
        String id = state.persistenceId;
        boolean asItWas =
                store.persistenceIds().remembered(id) == state && state.purgedTo == read.from;
        if (!asItWas || !queue.contains(id)) {
            return 0;
        }
        for (byte[] reference : read.references) {
            changes.add(Engine.Change.delete(reference));
        }
        return add(state, read.to, changes);
    }

    private long add(PersistenceIdState state, long to, List<Engine.Change> changes) {
        for (long sequenceNr = state.purgedTo + 1; sequenceNr <= to; sequenceNr++) {
            changes.add(Engine.Change.delete(Keys.event(state.number, sequenceNr)));
        }
        long count = to - state.purgedTo;
        if (count > 0) {
            state.purgedTo = to;
            state.storedHighest = state.highest;
            byte[] key = Keys.counter(state.number);
            changes.add(Engine.Change.put(key, state.counter().encode(writer, key)));
            purged.removed(state.number, count);
        }
        if (state.purgedTo < state.deletedTo) {
            queue.put(state.persistenceId, state.deletedTo - state.purgedTo, part(state));
        } else {
            queue.remove(state.persistenceId);
        }
        return count;
    }

    private static Part part(PersistenceIdState state) {
        return state.tagged ? Part.UNREAD : Part.READY;
    }

    private static long pieceEnd(PersistenceIdState state, long keys) {
        return Math.min(state.deletedTo, state.purgedTo + keys);
    }
}
