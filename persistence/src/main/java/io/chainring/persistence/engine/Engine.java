package io.chainring.persistence.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One open LevelDB directory, to read and to write.
 *
 * <p>All methods may be called from any thread. Keys are ordered as unsigned bytes. Every method throws {@link
 * EngineException} when the library reports an error or the engine is closed; after a failed write the state on disk
 * is uncertain, and the engine must be closed and opened again before the next write, because older LevelDB versions
 * go on behind a torn record and lose what follows it.
 */
public interface Engine extends EngineView, AutoCloseable {

    /**
     * Writes all changes or none.
     *
     * @param changes in order; a later change of a key wins
     * @param sync true: on stable storage before this returns; false: handed to the operating system
     */
    void write(List<Change> changes, boolean sync);

    /** Writes one value; the short way of a {@link #write} with one change. */
    void put(byte[] key, byte[] value, boolean sync);

    /** Gives the space of deleted entries in {@code [fromKey, toKey)} back; returns when it is done. */
    void compact(byte[] fromKey, byte[] toKey);

    @Override
    void close();

    /**
     * One change of a batch.
     *
     * @param key the key
     * @param value the new value, or null to delete the key
     */
    record Change(byte[] key, byte @Nullable [] value) {
        /** A change that sets a value. */
        public static Change put(byte[] key, byte[] value) {
            return new Change(key, value);
        }

        /** A change that removes a key. */
        public static Change delete(byte[] key) {
            return new Change(key, null);
        }
    }
}
