package io.chainring.host.store;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Where the bytes of one disk are.
 *
 * <p>All calls may block and may come from several threads at once. Two calls at the same time whose
 * ranges overlap, one of them changing the store, are the caller's mistake (the backend's invariant
 * I4 excludes them): the store stays whole, the bytes of the range are then either one's or the
 * other's.
 *
 * <p>A range begins and ends at any byte, and a call changes the bytes of its range and no others, whatever other calls do
 * to their neighbours at the same time. A store that can only write whole blocks has to keep those that touch one block
 * apart by itself: nobody above knows its blocks.
 *
 * <p>Every call works as a whole or throws (scenario H4): short reads and writes of the system are
 * finished here, a write that threw may have reached the store in part and is never reported as done.
 * Buffers are filled or emptied from position to limit, in order; their positions are the same after
 * the call as before it, so that the same chain can be executed again.
 *
 * <p>Errors that all stores share:
 *
 * <ul>
 *   <li>a range outside of 0..{@link #capacityBytes()}: {@link IllegalArgumentException};
 *   <li>a change of a read-only store: {@link StoreReadOnlyException};
 *   <li>no space behind the store: {@link StoreNoSpaceException};
 *   <li>after a failed sync (scenario H3): {@link StoreFailedException} for everything but reads;
 *   <li>anything else: {@link IOException}.
 * </ul>
 */
public interface BlockStore extends AutoCloseable {
    /** What errors, logs and status call this store, such as its path. */
    String name();

    /** Size of the disk in bytes. */
    long capacityBytes();

    /** Whether everything but reads is refused. */
    boolean readOnly();

    /**
     * Fills the buffers with the bytes from the offset on.
     *
     * @param offsetBytes where to begin
     * @param buffers all are filled from position to limit
     */
    void read(long offsetBytes, ByteBuffer[] buffers) throws IOException;

    /**
     * Writes the buffers' bytes from the offset on; what must be on stable storage takes a {@link #flush} after it.
     *
     * @param offsetBytes where to begin
     * @param buffers all are written from position to limit
     */
    void write(long offsetBytes, ByteBuffer[] buffers) throws IOException;

    /**
     * Brings every change that was complete before this call to stable storage (invariant I8). When it
     * throws, some of those changes may be lost for good, and the store is failed.
     */
    void flush() throws IOException;

    /**
     * Says that the content of the range is not needed any more. Afterwards each byte of it is what it
     * was or zero. Advice: a store that cannot give the space back does nothing.
     */
    void discard(long offsetBytes, long lengthBytes) throws IOException;

    /**
     * Makes the range read as zeros.
     *
     * @param mayUnmap true: the space of the range may be given back; false: a later write to the range
     *     must not fail for lack of space
     * @param fastOnly true: throw {@link FastZeroesUnsupportedException}, with nothing changed, when it would
     *     take as long as writing the zeros
     */
    void writeZeroes(long offsetBytes, long lengthBytes, boolean mayUnmap, boolean fastOnly)
            throws IOException;

    /**
     * How much of a {@link #discard} or {@link #writeZeroes} takes a short time, in which others may be kept waiting.
     *
     * @param offsetBytes where it begins
     * @param lengthBytes how long it is, not 0
     * @return from 1 to that length; all of it where nobody waits
     */
    default long pieceBytes(long offsetBytes, long lengthBytes) {
        return lengthBytes;
    }

    /**
     * Tells which parts of the range are allocated, in order and without gaps, until the range ends or
     * the consumer has enough. Neighbouring parts may be of the same kind.
     */
    void extents(long offsetBytes, long lengthBytes, ExtentConsumer consumer) throws IOException;

    /**
     * Makes the disk larger; the new part reads as zeros.
     *
     * @param newCapacityBytes not below the present capacity
     */
    void grow(long newCapacityBytes) throws IOException;

    /** Whether the store works, and if not, why. Never blocks. */
    StoreStatus status();

    /**
     * Gives the store back. Does not flush. Calls that are inside end, well or with an {@link
     * IOException}; later ones throw it. Closing twice is allowed.
     */
    @Override
    void close() throws IOException;
}
