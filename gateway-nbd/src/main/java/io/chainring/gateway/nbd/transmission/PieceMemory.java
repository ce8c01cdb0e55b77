package io.chainring.gateway.nbd.transmission;

import io.chainring.ring.frontend.Payload;
import io.chainring.ring.frontend.PayloadPool;
import io.chainring.ring.frontend.RingPort;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ring memory for commands of any length, in pieces of at most one chain. Where memory is scarce, pieces get smaller: a
 * ring that has nothing else under way always finds room for one of {@value #SMALLEST_PIECE_BYTES} bytes.
 */
final class PieceMemory {
    /** A WRITE takes memory as its payload arrives: what a client that stops half-way keeps is this much at most. */
    private static final int LARGEST_ARRIVING_BYTES = 1 << 20;

    private static final int SMALLEST_PIECE_BYTES = 1 << 14;
    private static final int LARGEST_PIECE_BYTES = 1 << 22;

    private final PayloadPool pool;
    private final int largestBytes;

    PieceMemory(RingPort port) {
        pool = port.payloads();
        long most = Math.min(port.maxRequestBytes(), pool.limitBytes());
        largestBytes = (int) Math.min(LARGEST_PIECE_BYTES, Long.highestOneBit(most));
    }

    /** Most payload of one chain; a power of two. */
    int largestBytes() {
        return largestBytes;
    }

    /** In how many pieces that many bytes are read. */
    int piecesOf(int lengthBytes) {
        return (lengthBytes - 1) / largestBytes + 1;
    }

    /** Memory for a request that is no longer than a piece; null when there is not that much. */
    @Nullable Payload whole(int lengthBytes) {
        return lengthBytes > pool.limitBytes() ? null : pool.allocate(lengthBytes);
    }

    /** Memory for all of it at once, piece by piece; null when there is not that much. */
    @Nullable List<Payload> all(int lengthBytes) {
        if (lengthBytes > pool.limitBytes() - pool.usedBytes()) {
            return null;
        }
        List<Payload> pieces = new ArrayList<>(piecesOf(lengthBytes));
        for (int rest = lengthBytes; rest > 0; rest -= Math.min(rest, largestBytes)) {
            Payload piece = pool.allocate(Math.min(rest, largestBytes));
            if (piece == null) {
                pieces.forEach(Payload::release);
                return null;
            }
            pieces.add(piece);
        }
        return pieces;
    }

    /** Memory for the next piece of what is left: as much as there is, null when there is too little. */
    @Nullable Payload next(int restBytes) {
        int lengthBytes = Math.min(restBytes, Math.min(largestBytes, LARGEST_ARRIVING_BYTES));
        Payload piece = pool.allocate(lengthBytes);
        while (piece == null && lengthBytes > SMALLEST_PIECE_BYTES) {
            lengthBytes = Integer.highestOneBit(lengthBytes - 1);
            piece = pool.allocate(lengthBytes);
        }
        return piece;
    }

    /** True when a WRITE of that length takes its memory at once. */
    boolean arrivesWhole(int lengthBytes) {
        return lengthBytes <= Math.min(largestBytes, LARGEST_ARRIVING_BYTES);
    }

    /** True when nothing of this ring's memory is in use. */
    boolean unused() {
        return pool.usedBytes() == 0;
    }
}
