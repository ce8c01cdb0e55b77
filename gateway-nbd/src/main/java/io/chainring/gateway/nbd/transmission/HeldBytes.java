package io.chainring.gateway.nbd.transmission;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that have arrived before they can be looked at, in order, in about as much memory as they are long: a buffer of
 * which a piece fills little is not kept for it.
 */
final class HeldBytes {
    private static final int SMALLEST_CHUNK_BYTES = 1 << 9;
    private static final int LARGEST_CHUNK_BYTES = 1 << 16;

    private final HeldBudget budget;
    private final ArrayDeque<ByteBuf> pieces = new ArrayDeque<>();
    private @Nullable ByteBuf tail;
    private long lengthBytes;
    private long memoryBytes;

    HeldBytes(HeldBudget budget) {
        this.budget = budget;
    }

    /** Takes over a piece. */
    void add(ByteBuf piece, ByteBufAllocator alloc) {
        lengthBytes += piece.readableBytes();
        if (piece.readableBytes() > piece.capacity() / 2) {
            tail = null;
            pieces.add(piece);
            account(piece.capacity());
            return;
        }
        try {
            while (piece.isReadable()) {
                ByteBuf room = tail;
                if (room == null || !room.isWritable()) {
                    room = newTail(piece.readableBytes(), alloc);
                }
                room.writeBytes(piece, Math.min(piece.readableBytes(), room.writableBytes()));
            }
        } finally {
            piece.release();
        }
    }

    /** As long as what is there already: many small pieces need few chunks. */
    private ByteBuf newTail(int neededBytes, ByteBufAllocator alloc) {
        long wishedBytes = Math.max(neededBytes, lengthBytes);
        int chunkBytes =
                (int) Math.max(SMALLEST_CHUNK_BYTES, Math.min(LARGEST_CHUNK_BYTES, wishedBytes));
        ByteBuf chunk = alloc.directBuffer(chunkBytes, chunkBytes);
        pieces.add(chunk);
        account(chunkBytes);
        tail = chunk;
        return chunk;
    }

    private void account(long moreBytes) {
        memoryBytes += moreBytes;
        budget.add(moreBytes);
    }

    boolean isEmpty() {
        return pieces.isEmpty();
    }

    long lengthBytes() {
        return lengthBytes;
    }

    /** What they are kept in, in bytes. */
    long memoryBytes() {
        return memoryBytes;
    }

    /** Removes the first piece and hands it over; put it back with {@link #putBack} if something is left. */
    @SuppressWarnings("ReferenceEquality") // which buffer it is, not what is in it
    @Nullable ByteBuf take() {
        ByteBuf piece = pieces.poll();
        if (piece != null) {
            if (piece == tail) {
                tail = null;
            }
            lengthBytes -= piece.readableBytes();
            account(-piece.capacity());
        }
        return piece;
    }

    /** Returns what is left of the piece taken last. */
    void putBack(ByteBuf rest) {
        if (rest.isReadable()) {
            pieces.addFirst(rest);
            lengthBytes += rest.readableBytes();
            account(rest.capacity());
        } else {
            rest.release();
        }
    }

    void release() {
        pieces.forEach(ByteBuf::release);
        pieces.clear();
        tail = null;
        lengthBytes = 0;
        account(-memoryBytes);
    }
}
