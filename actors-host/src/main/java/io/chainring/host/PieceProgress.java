package io.chainring.host;

import io.chainring.host.store.BlockStore;
import io.chainring.ring.execute.Chain;
import java.util.HashMap;
import java.util.Map;

/**
 * How far chains have come that are executed in pieces: discards and write-zeroes of long ranges. It outlives hosts and
 * backends, so that a chain goes on where it was however often they die; each piece may be executed again without harm. A
 * new process begins anew. Thread-safe.
 */
final class PieceProgress {
    private final Map<DeadlyChains.Identity, Long> doneBytes = new HashMap<>();

    /**
     * A piece of a chain, in bytes.
     *
     * @param isLast whether the chain is done with it
     */
    record Piece(long offsetBytes, long lengthBytes, boolean isLast) {}

    /** What of a chain comes next. */
    Piece next(Chain chain, BlockStore store) {
        long done;
        synchronized (this) {
            done = doneBytes.getOrDefault(DeadlyChains.Identity.of(chain), 0L);
        }
        long offset = chain.offsetBytes() + done;
        long left = chain.lengthBytes() - done;
        long length = left == 0 ? 0 : Math.min(left, store.pieceBytes(offset, left));
        return new Piece(offset, length, length == left);
    }

    /** A piece that is not the last is done. */
    synchronized void done(Chain chain, Piece piece) {
        doneBytes.put(
                DeadlyChains.Identity.of(chain),
                piece.offsetBytes() + piece.lengthBytes() - chain.offsetBytes());
    }

    /** It has an outcome. */
    synchronized void ended(Chain chain) {
        if (!doneBytes.isEmpty()) {
            doneBytes.remove(DeadlyChains.Identity.of(chain));
        }
    }
}
