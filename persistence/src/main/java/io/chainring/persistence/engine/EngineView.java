package io.chainring.persistence.engine;

import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * One open LevelDB directory, to read only: for whoever need not ask whether there is room for what it does.
 *
 * <p>All methods may be called from any thread. Keys are ordered as unsigned bytes. Every method throws {@link
 * EngineException.Read} when the library reports an error, or {@link EngineException.Closed}.
 */
public interface EngineView {

    /** Name of the library that runs it: {@code leveldbjni} or {@code iq80}. */
    String name();

    /** Value of a key, or null if there is none. Checksums of what is read are verified. */
    byte @Nullable [] get(byte[] key);

    /**
     * Visits the entries of {@code [fromKey, toKey)} in key order, as they were when the call began; none behind a place that
     * can't be read.
     *
     * @param visitor gets key and value and returns false to stop
     */
    void scan(byte[] fromKey, byte[] toKey, BiPredicate<byte[], byte[]> visitor);
}
