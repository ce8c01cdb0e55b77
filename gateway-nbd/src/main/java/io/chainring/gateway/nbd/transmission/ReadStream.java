package io.chainring.gateway.nbd.transmission;

import io.chainring.ring.frontend.BlockRequest;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A READ for whose data there is not enough memory at once: its pieces are read as memory comes back, and sent in their
 * order. Nothing else of its connection is under way meanwhile.
 */
final class ReadStream {
    private final int slot;
    private final boolean oneChunk;
    private final long endBytes;
    private final ArrayDeque<Piece> pieces = new ArrayDeque<>();
    private long nextBytes;
    private boolean begunSending;
    private boolean failed;

    private static final class Piece {
        private final BlockRequest request;
        private boolean done;

        Piece(BlockRequest request) {
            this.request = request;
        }
    }

    /**
     * @param slot of the command
     * @param oneChunk whether the reply is one piece of the protocol, which cannot end with an error
     */
    ReadStream(int slot, boolean oneChunk, long offsetBytes, long lengthBytes) {
        this.slot = slot;
        this.oneChunk = oneChunk;
        this.nextBytes = offsetBytes;
        this.endBytes = offsetBytes + lengthBytes;
    }

    int slot() {
        return slot;
    }

    boolean oneChunk() {
        return oneChunk;
    }

    /** What has not been asked of the ring yet. */
    int restBytes() {
        return (int) (endBytes - nextBytes);
    }

    /** Where the next piece begins. */
    long nextOffsetBytes() {
        return nextBytes;
    }

    /** The next piece goes into the ring. */
    void begun(BlockRequest request) {
        pieces.add(new Piece(request));
        nextBytes += request.lengthBytes();
    }

    /** A piece came back. */
    @SuppressWarnings("ReferenceEquality") // which request it is
    void done(BlockRequest request) {
        for (Piece piece : pieces) {
            if (piece.request == request) {
                piece.done = true;
            }
        }
    }

    /** The next piece to send, which has come back; null when it has not. */
    @Nullable BlockRequest takeDone() {
        Piece first = pieces.peek();
        if (first == null || !first.done) {
            return null;
        }
        pieces.remove();
        return first.request;
    }

    /** True from the second call on. */
    boolean begunSending() {
        boolean before = begunSending;
        begunSending = true;
        return before;
    }

    /** True when a piece has failed: none that follows is of interest. */
    boolean failed() {
        return failed;
    }

    /** A piece has failed: no further one is asked of the ring. */
    void fail() {
        failed = true;
        nextBytes = endBytes;
    }

    /** True when nothing of it is in the ring, and nothing more will be. */
    boolean ended() {
        return nextBytes == endBytes && pieces.isEmpty();
    }

    /** Nobody wants what has come back. */
    void abandon() {
        for (Piece piece : pieces) {
            if (piece.done) {
                CommandReplies.release(piece.request);
            }
        }
        pieces.clear();
    }
}
