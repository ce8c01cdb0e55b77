package io.chainring.persistence.store;

import io.chainring.base.text.Printable;
import io.chainring.persistence.database.StoreErrors;
import io.chainring.persistence.database.StoreException;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/**
 * Removes persistence ids of which nothing is to be left: events, snapshots, counters and names. {@link Leftovers} does that
 * with actors that have finished, when it happens to see them; here it is done when it returns.
 *
 * <p>Whose name is there has not been erased: the name goes last, and a death before leaves what the next erasure, or in part
 * the next opening, goes on with. Erasing what was never there changes nothing.
 */
public final class Erasure {
    private static final int PIECE_KEYS = 1000;

    private final Store store;

    /** Of one store. */
    public Erasure(Store store) {
        this.store = store;
    }

    /**
     * Erases persistence ids whose actors do not run, and never will again while this is under way.
     *
     * @throws StoreException.Damaged if something of them can't be read; they are not erased, or not wholly
     * @throws StoreException.Unavailable if the journal takes no writes
     */
    public void erase(Collection<String> persistenceIds) {
        StoreErrors.reading(
                store.directory(),
                "cannot erase " + persistenceIds.size() + " persistence ids",
                () -> {
                    persistenceIds.forEach(this::removeContent);
                    forget(persistenceIds);
                    return persistenceIds;
                });
    }

    private void removeContent(String persistenceId) {
        new SnapshotArea(store).delete(persistenceId, (sequenceNr, timestampMillis) -> true);
        store.deleteTo(persistenceId, Long.MAX_VALUE, store.settings().fsync());
        PersistenceIdState state = store.persistenceIds().get(persistenceId);
        boolean more = true;
        while (more && !isEmpty(state)) {
            more = store.deletion().removePiece(PIECE_KEYS);
            state = store.persistenceIds().get(persistenceId);
        }
        if (!isEmpty(state)) {
            throw new StoreException.Damaged(
                    store.directory(),
                    "deleted events of "
                            + Printable.name(persistenceId)
                            + " cannot be removed"
                            + StoreErrors.wayOut(store.directory()),
                    null);
        }
    }

    private boolean isEmpty(PersistenceIdState state) {
        store.lock.lock();
        try {
            return state.purgedTo == state.highest;
        } finally {
            store.lock.unlock();
        }
    }

    private void forget(Collection<String> persistenceIds) {
        Map<Long, String> names = new TreeMap<>();
        for (String persistenceId : persistenceIds) {
            long number = store.persistenceIds().numberOf(persistenceId);
            if (number != 0) {
                names.put(number, persistenceId);
            }
        }
        if (!names.isEmpty()) {
            store.persistenceIds().remove(names, number -> true);
        }
    }
}
