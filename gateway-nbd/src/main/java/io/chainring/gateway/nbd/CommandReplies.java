package io.chainring.gateway.nbd;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.Payload;
import io.chainring.ring.request.ChainStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** Turns what came of a command into its reply, in the form that was negotiated, and counts it. */
final class CommandReplies {
    private final CommandTable commands;
    private final ReplyBatch replies;
    private final ByteBufAllocator alloc;
    private final NbdCounters counters;
    private final boolean structured;

    CommandReplies(
            CommandTable commands,
            ReplyBatch replies,
            ByteBufAllocator alloc,
            NbdCounters counters,
            boolean structured) {
        this.commands = commands;
        this.replies = replies;
        this.alloc = alloc;
        this.counters = counters;
        this.structured = structured;
    }

    /** A READ came back; its payload goes on to the socket, or back to its pool. */
    void read(BlockRequest request, int slot) {
        Payload payload = request.payload();
        int error = NbdErrors.ofStatus(request.status());
        if (payload == null
                || (error == NbdErrors.OK && request.writtenBytes() < payload.lengthBytes())) {
            error = NbdErrors.EIO;
        }
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
            refuse(
                    commands.command(slot),
                    error == NbdErrors.OK ? NbdErrors.EIO : error,
                    commands.cookie(slot));
        } else {
            long lengthBytes = commands.lengthBytes(slot);
            ByteBuf descriptors =
                    unsupported
                            ? BlockStatus.unknown(alloc, lengthBytes)
                            : BlockStatus.descriptors(
                                    alloc, payload, request.writtenBytes(), lengthBytes);
            replies.chunkOfBlockStatus(commands.cookie(slot), descriptors);
            succeeded(slot);
        }
        release(request);
    }

    /** A command came back whose reply has no data. */
    void plain(BlockRequest request, int slot) {
        release(request);
        int error = NbdErrors.ofStatus(request.status());
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
