package io.chainring.gateway.nbd.transmission;

import io.chainring.gateway.nbd.protocol.NbdCommand;
import io.chainring.gateway.nbd.protocol.NbdErrors;
import io.chainring.gateway.nbd.setup.NbdCounters;
import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.Payload;
import io.chainring.ring.request.ChainStatus;
import org.jspecify.annotations.Nullable;

/** Turns what came of a command into its reply, in the form that was negotiated, and counts it. */
final class CommandReplies {
    private final CommandTable commands;
    private final ReplyBatch replies;
    private final NbdCounters counters;
    private final boolean structured;

    CommandReplies(
            CommandTable commands, ReplyBatch replies, NbdCounters counters, boolean structured) {
        this.commands = commands;
        this.replies = replies;
        this.counters = counters;
        this.structured = structured;
    }

    /** A READ came back in pieces, all of them; their payload goes on to the socket, or back to its pool. */
    void read(PieceGroup group, int slot) {
        int error = NbdErrors.ofStatus(group.status());
        for (BlockRequest piece : group.pieces()) {
            error = error == NbdErrors.OK ? errorOfRead(piece) : error;
        }
        if (error != NbdErrors.OK) {
            group.abandon();
            readFailed(slot, error);
            return;
        }
        if (structured) {
            replies.chunkOfData(
                    commands.cookie(slot),
                    commands.offsetBytes(slot),
                    (int) commands.lengthBytes(slot),
                    group.pieces());
        } else {
            replies.simpleData(commands.cookie(slot), group.pieces());
        }
        succeeded(slot);
    }

    /**
     * The next piece of a READ that is sent piece by piece.
     *
     * @return false when the client cannot be told what went wrong: the data that was promised to it does not come
     */
    boolean streamed(ReadStream stream, BlockRequest piece) {
        int slot = stream.slot();
        int error = errorOfRead(piece);
        if (stream.failed() || error != NbdErrors.OK) {
            release(piece);
            if (stream.failed()) {
                return true;
            }
            stream.fail();
            return streamFailed(stream, piece, error);
        }
        boolean first = !stream.begunSending();
        boolean last = stream.ended();
        if (!structured) {
            if (first) {
                replies.beginSimple(commands.cookie(slot));
            }
        } else if (first && stream.oneChunk()) {
            replies.beginChunk(
                    commands.cookie(slot),
                    commands.offsetBytes(slot),
                    (int) commands.lengthBytes(slot),
                    true);
        } else if (!stream.oneChunk()) {
            replies.beginChunk(
                    commands.cookie(slot), piece.offsetBytes(), (int) piece.lengthBytes(), last);
        }
        replies.more(piece);
        if (last) {
            replies.end();
            succeeded(slot);
        }
        return true;
    }

    private boolean streamFailed(ReadStream stream, BlockRequest piece, int error) {
        int slot = stream.slot();
        if (!stream.begunSending()) {
            readFailed(slot, error);
            return true;
        }
        counters.answered(commands.command(slot), 0, error);
        if (stream.oneChunk()) {
            return false;
        }
        replies.chunkOfErrorAt(error, commands.cookie(slot), piece.offsetBytes());
        return true;
    }

    private static int errorOfRead(BlockRequest request) {
        Payload payload = request.payload();
        int error = NbdErrors.ofStatus(request.status());
        boolean tooShort =
                payload == null
                        || (error == NbdErrors.OK
                                && request.writtenBytes() < payload.lengthBytes());
        return tooShort ? NbdErrors.EIO : error;
    }

    /** A READ came back; its payload goes on to the socket, or back to its pool. */
    void read(BlockRequest request, int slot) {
        Payload payload = request.payload();
        int error = errorOfRead(request);
        if (payload == null || error != NbdErrors.OK) {
            release(request);
            readFailed(slot, error);
            return;
        }
        if (structured) {
            replies.chunkOfData(commands.cookie(slot), commands.offsetBytes(slot), payload);
        } else {
            replies.simpleData(commands.cookie(slot), payload);
        }
        succeeded(slot);
    }

    private void readFailed(int slot, int error) {
        if (structured && error == NbdErrors.EIO) {
            replies.chunkOfErrorAt(error, commands.cookie(slot), commands.offsetBytes(slot));
            counters.answered(commands.command(slot), 0, error);
        } else {
            refuse(commands.command(slot), error, commands.cookie(slot));
        }
    }

    /** A BLOCK_STATUS came back. A disk that cannot tell calls everything data. */
    void blockStatus(BlockRequest request, int slot) {
        Payload payload = request.payload();
        int error = NbdErrors.ofStatus(request.status());
        boolean unsupported = request.status() == ChainStatus.UNSUPP;
        if (payload == null || (error != NbdErrors.OK && !unsupported)) {
            release(request);
            refuse(
                    commands.command(slot),
                    error == NbdErrors.OK ? NbdErrors.EIO : error,
                    commands.cookie(slot));
        } else {
            int writtenBytes = unsupported ? 0 : request.writtenBytes();
            int describedBytes =
                    BlockStatus.describe(payload, writtenBytes, commands.lengthBytes(slot));
            replies.chunkOfBlockStatus(commands.cookie(slot), payload, describedBytes);
            succeeded(slot);
        }
    }

    /** A command came back whose reply has no data. */
    void plain(BlockRequest request, int slot) {
        release(request);
        plain(request.status(), slot);
    }

    /** As {@link #plain(BlockRequest, int)}, for a command with that outcome. */
    void plain(byte status, int slot) {
        int error = NbdErrors.ofStatus(status);
        if (error == NbdErrors.OK) {
            replies.simple(NbdErrors.OK, commands.cookie(slot));
            succeeded(slot);
        } else {
            refuse(commands.command(slot), error, commands.cookie(slot));
        }
    }

    /**
     * A command failed, or never got as far as the ring.
     *
     * @param command null when it is unknown
     */
    void refuse(@Nullable NbdCommand command, int error, long cookie) {
        if (structured) {
            replies.chunkOfError(error, cookie);
        } else {
            replies.simple(error, cookie);
        }
        if (command != null) {
            counters.answered(command, 0, error);
        }
    }

    private void succeeded(int slot) {
        counters.answered(commands.command(slot), commands.lengthBytes(slot), NbdErrors.OK);
    }

    static void release(BlockRequest request) {
        Payload payload = request.payload();
        if (payload != null) {
            payload.release();
        }
    }
}
