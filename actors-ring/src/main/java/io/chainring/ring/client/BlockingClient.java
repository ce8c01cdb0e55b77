package io.chainring.ring.client;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;

/**
 * A {@link BlockClient} for threads that wait: each call returns when the disk has answered, however often its backend or
 * host dies meanwhile. Thread-safe; never to be called on a dispatcher of the disk.
 *
 * <p>Offsets and lengths are in bytes, with the limits that {@link BlockClient} states. As with a
 * {@link java.nio.channels.FileChannel}, a buffer's position ends at its limit. A thread that is interrupted while it waits
 * gets an {@link InterruptedIOException} (an answer that is there already is returned) and stays interrupted; the request goes on, and the buffer is the disk's until it
 * has ended.
 */
public final class BlockingClient implements AutoCloseable {
    private final BlockClient client;

    /** A view of a client; to close the one is to close the other. */
    public BlockingClient(BlockClient client) {
        this.client = client;
    }

    /**
     * Fills the buffer's remaining bytes.
     *
     * @throws BlockIoException when the disk ended the request with an error
     */
    public void read(long offsetBytes, ByteBuffer into) throws IOException {
        await(client.read(offsetBytes, into));
        into.position(into.limit());
    }

    /** Writes the buffer's remaining bytes; errors as {@link #read}. */
    public void write(long offsetBytes, ByteBuffer data) throws IOException {
        await(client.write(offsetBytes, data));
        data.position(data.limit());
    }

    /** As {@link #write}, and returns only when the bytes are on stable storage. */
    public void writeThrough(long offsetBytes, ByteBuffer data) throws IOException {
        await(client.writeThrough(offsetBytes, data));
        data.position(data.limit());
    }

    /** Returns when every write that had returned before is on stable storage. */
    public void flush() throws IOException {
        await(client.flush());
    }

    /** Gives up the contents of a range. */
    public void discard(long offsetBytes, long lengthBytes) throws IOException {
        await(client.discard(offsetBytes, lengthBytes));
    }

    /** Makes a range read as zeroes; its space may be given up. */
    public void writeZeroes(long offsetBytes, long lengthBytes) throws IOException {
        await(client.writeZeroes(offsetBytes, lengthBytes));
    }

    /** Lets what was submitted finish, and returns when the client's ring is gone. */
    @Override
    public void close() throws IOException {
        client.close();
        await(client.closed());
    }

    private static void await(CompletionStage<?> stage) throws IOException {
        try {
            stage.toCompletableFuture().get();
        } catch (ExecutionException e) {
            // The disk's exception was made on another thread; this one's stack is what the caller
            // looks for.
            if (e.getCause() instanceof BlockIoException failure) {
                throw new BlockIoException(failure);
            }
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted =
                    new InterruptedIOException("interrupted while a disk's answer was waited for");
            interrupted.initCause(e);
            throw interrupted;
        }
    }
}
