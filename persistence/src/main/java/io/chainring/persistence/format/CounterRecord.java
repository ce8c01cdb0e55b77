package io.chainring.persistence.format;

/**
 * How far a persistence id has got.
 *
 * <pre>
 *  header (flags: 0x01 some events had tags)
 *  6   u64   highest sequence number, a lower bound: events above it may exist
 *  14  u64   deleted up to, inclusive: events up to here do not exist for any reader
 *  22  u64   purged up to, inclusive: events up to here have really been removed
 *  30  u64   time of the last deletion, ms since 1970, or 0
 * </pre>
 *
 * @param highest highest sequence number known when this was written; never falls
 * @param deletedTo readers begin above this
 * @param purgedTo at most {@code deletedTo}; what lies between is being removed piece by piece
 * @param deletedAtMillis when {@code deletedTo} last moved
 * @param tagged whether any event ever had a tag, so that removing one must look for its references
 */
public record CounterRecord(
        long highest, long deletedTo, long purgedTo, long deletedAtMillis, boolean tagged) {
    /** Of a persistence id without events. */
    public static final CounterRecord NONE = new CounterRecord(0, 0, 0, 0, false);

    private static final int TAGGED = 0x01;

    /** The stored form. */
    public byte[] encode(RecordWriter writer, byte[] key) {
        return writer.begin(tagged ? TAGGED : 0)
                .i64(highest)
                .i64(deletedTo)
                .i64(purgedTo)
                .i64(deletedAtMillis)
                .end(key);
    }

    /**
     * Reads the stored form.
     *
     * @throws FormatException if it is damaged or contradicts itself
     */
    public static CounterRecord decode(byte[] key, byte[] record) {
        RecordReader reader = new RecordReader(key, record);
        CounterRecord counter =
                new CounterRecord(
                        reader.i64(),
                        reader.i64(),
                        reader.i64(),
                        reader.i64(),
                        (reader.flags() & TAGGED) != 0);
        if (counter.purgedTo < 0
                || counter.purgedTo > counter.deletedTo
                || counter.deletedTo > counter.highest
                || counter.highest == Long.MAX_VALUE) {
            throw new FormatException("counters contradict each other: " + counter);
        }
        return counter;
    }
}
