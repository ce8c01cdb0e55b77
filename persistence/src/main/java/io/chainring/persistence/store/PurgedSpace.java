package io.chainring.persistence.store;

/** Counts removed keys, and has their space given back when it is worth while. Under the store's lock. */
final class PurgedSpace {
    private final Store store;
    private long keys;
    private long fromNumber = Long.MAX_VALUE;
    private long toNumber;

    PurgedSpace(Store store) {
        this.store = store;
    }

    /** So many events of a persistence id's number are removed with the next write. */
    void removed(long number, long count) {
        keys += count;
        fromNumber = Math.min(fromNumber, number);
        toNumber = Math.max(toNumber, number);
        if (keys >= store.settings().compactionAfterDeletes()) {
            store.maintenance().compactSoon(fromNumber, toNumber);
            keys = 0;
            fromNumber = Long.MAX_VALUE;
            toNumber = 0;
        }
    }
}
