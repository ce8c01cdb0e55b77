package io.chainring.persistence.store;

import io.chainring.persistence.engine.EngineView;
import io.chainring.persistence.format.Keys;

/**
 * The first event, or snapshot, of numbers that are asked for in ascending order. LevelDB steps over what was removed one
 * key at a time until the next one that is there, of whatever number; here that one is remembered, and nothing is stepped
 * over twice, however many numbers have nothing left.
 */
final class FirstEntries {
    /** There is none. */
    static final long NONE = -1;

    private final EngineView engine;
    private final byte kind;
    private long number;
    private long sequenceNr;

    FirstEntries(EngineView engine, byte kind) {
        this.engine = engine;
        this.kind = kind;
    }

    /** Whether a number has an entry. */
    boolean has(long asked) {
        return of(asked) != NONE;
    }

    /** Sequence number of the first entry of a number, or {@link #NONE}; a snapshot may have 0. */
    long of(long asked) {
        if (number < asked) {
            long[] found = {Long.MAX_VALUE, 0};
            engine.scan(
                    Keys.first(kind, asked),
                    Keys.above(kind),
                    (key, value) -> {
                        found[0] = Keys.longAt(key, 1);
                        found[1] = Keys.longAt(key, 9);
                        return false;
                    });
            number = found[0];
            sequenceNr = found[1];
        }
        return number == asked ? sequenceNr : NONE;
    }
}
