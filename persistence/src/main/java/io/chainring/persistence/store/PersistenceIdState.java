package io.chainring.persistence.store;

import io.chainring.persistence.format.CounterRecord;

/** What is kept in memory of one persistence id. All fields are guarded by the store's lock. */
final class PersistenceIdState {
    final String persistenceId;

    /** Its number; 0 as long as nothing was ever stored for it. */
    long number;

    long highest;
    long deletedTo;
    long purgedTo;
    long deletedAtMillis;
    boolean tagged;

    /** A snapshot was, or is being, saved since this is remembered. */
    boolean hasNewSnapshot;

    /** Value of {@link #highest} in the stored counters. */
    long storedHighest;

    PersistenceIdState(String persistenceId, long number, CounterRecord counter, long highest) {
        this.persistenceId = persistenceId;
        this.number = number;
        this.highest = highest;
        this.storedHighest = counter.highest();
        this.deletedTo = counter.deletedTo();
        this.purgedTo = counter.purgedTo();
        this.deletedAtMillis = counter.deletedAtMillis();
        this.tagged = counter.tagged();
    }

    CounterRecord counter() {
        return new CounterRecord(highest, deletedTo, purgedTo, deletedAtMillis, tagged);
    }
}
