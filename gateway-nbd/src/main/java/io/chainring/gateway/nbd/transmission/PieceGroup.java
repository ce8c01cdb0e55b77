package io.chainring.gateway.nbd.transmission;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.request.ChainStatus;
import java.util.ArrayList;
import java.util.List;

/** The pieces of one command that is longer than one chain: what is under way, and what has come of them so far. */
final class PieceGroup {
    private final List<BlockRequest> begun = new ArrayList<>();
    private final List<BlockRequest> kept = new ArrayList<>();
    private int open;
    private boolean complete;
    private byte status = ChainStatus.OK;

    /** One more is under way. */
    void begun() {
        open++;
    }

    /** One more is under way, to be kept when it has come back; these come in the order of their offsets. */
    void begun(BlockRequest piece) {
        open++;
        begun.add(piece);
    }

    /** No further piece follows. */
    void complete() {
        complete = true;
    }

    /** A piece came back; the first failure is the command's. */
    void done(BlockRequest piece, boolean keep) {
        open--;
        if (status == ChainStatus.OK) {
            status = piece.status();
        }
        if (keep) {
            kept.add(piece);
        } else {
            CommandReplies.release(piece);
        }
    }

    /** All of it has come back. */
    boolean ended() {
        return complete && open == 0;
    }

    byte status() {
        return status;
    }

    /** Those that are kept when all have come back, in the order of their offsets. */
    List<BlockRequest> pieces() {
        return begun;
    }

    /** Nobody wants what has come back. */
    void abandon() {
        kept.forEach(CommandReplies::release);
        kept.clear();
    }
}
