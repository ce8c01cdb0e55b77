package io.chainring.persistence.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One version of an entry, as LevelDB stores it. Ordered by key, of one key the youngest first.
 *
 * @param key the key
 * @param sequence number of the change that made it; a younger one has a higher number
 * @param value the value, or null if the entry was removed
 */
record EntryVersion(byte[] key, long sequence, byte @Nullable [] value)
        implements Comparable<EntryVersion> {
    /** Number of the change, shifted by 8 bits, and its type, behind each key of a table. */
    static final int TRAILER_BYTES = 8;

    static final int REMOVED = 0;
    static final int SET = 1;

    @Override
    public int compareTo(EntryVersion other) {
        int keys = Arrays.compareUnsigned(key, other.key);
        return keys != 0 ? keys : Long.compare(other.sequence, sequence);
    }
}
