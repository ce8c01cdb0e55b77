package io.chainring.chaos.tested;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;

/**
 * One connection to a disk; several requests may be under way on it. Offsets and lengths are in bytes.
 *
 * <p>A stage fails with a {@link ConnectionLostException} when the connection is gone and nobody knows what became of the
 * request, with any other exception when the disk answered with an error.
 */
public interface BlockTarget extends AutoCloseable {
    /** Reads; completes with a buffer of that many bytes from its position on. */
    CompletionStage<ByteBuffer> read(long offsetBytes, int lengthBytes);

    /**
     * Writes what remains in the buffer, which does not change before the stage completes.
     *
     * @param through complete only when it is on stable storage
     */
    CompletionStage<Void> write(long offsetBytes, ByteBuffer data, boolean through);

    /** Puts on stable storage what was answered before. */
    CompletionStage<Void> flush();

    /** Gives up the contents of a range: each byte stays, or becomes 0. */
    CompletionStage<Void> trim(long offsetBytes, int lengthBytes);

    /** Makes a range 0. */
    CompletionStage<Void> writeZeroes(long offsetBytes, int lengthBytes);

    /** What this connection takes. */
    TargetFeatures features();

    /**
     * Treats its server badly, as clients do that die or are slow.
     *
     * @param millis how long, where that means something
     * @return whether it can: a disk in the same JVM has no connection to ill-treat
     */
    default boolean misbehave(ClientFault fault, long millis) {
        return false;
    }

    /** Ends it at once; what is under way fails with a {@link ConnectionLostException}. Idempotent. */
    @Override
    void close();
}
