package io.chainring.persistence.engine;

/**
 * How to open a database.
 *
 * @param writeBufferBytes bytes collected in memory (and in the log) before a table file is written; two of these may
 *     be held at a time
 * @param cacheBytes bytes of uncompressed blocks kept in memory for reading
 * @param createIfMissing whether a missing directory is created
 * @param paranoid whether opening fails on any damage (true), or skips what is damaged (only repair does that)
 */
public record EngineOptions(
        int writeBufferBytes, long cacheBytes, boolean createIfMissing, boolean paranoid) {
    /** 16 MiB write buffer, 8 MiB cache, created if missing, strict. */
    public static final EngineOptions DEFAULT = new EngineOptions(16 << 20, 8 << 20, true, true);

    /** The same with another strictness. */
    public EngineOptions withParanoid(boolean strict) {
        return new EngineOptions(writeBufferBytes, cacheBytes, createIfMissing, strict);
    }
}
