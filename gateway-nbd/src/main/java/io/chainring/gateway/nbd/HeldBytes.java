package io.chainring.gateway.nbd;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Bytes that have arrived before they can be looked at, in order. */
final class HeldBytes {
    private final ArrayDeque<ByteBuf> pieces = new ArrayDeque<>();
    private long lengthBytes;

    /** Takes over a piece. */
    void add(ByteBuf piece) {
        if (piece.isReadable()) {
            pieces.add(piece);
            lengthBytes += piece.readableBytes();
        } else {
            piece.release();
        }
    }

    boolean isEmpty() {
        return pieces.isEmpty();
    }

    long lengthBytes() {
        return lengthBytes;
    }

    /** Removes the first piece and hands it over; put it back with {@link #putBack} if something is left. */
    @Nullable ByteBuf take() {
        ByteBuf piece = pieces.poll();
        if (piece != null) {
            lengthBytes -= piece.readableBytes();
        }
        return piece;
    }

    /** Returns what is left of the piece taken last. */
    void putBack(ByteBuf rest) {
        if (rest.isReadable()) {
            pieces.addFirst(rest);
            lengthBytes += rest.readableBytes();
        } else {
            rest.release();
        }
    }

    void release() {
        pieces.forEach(ByteBuf::release);
        pieces.clear();
        lengthBytes = 0;
    }
}
