package io.chainring.gateway.nbd.transmission;

import io.chainring.gateway.nbd.protocol.NbdCommand;
import io.chainring.gateway.nbd.protocol.NbdProtocol;
import io.chainring.gateway.nbd.setup.NbdSettings;
import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.Payload;
import io.chainring.ring.frontend.PayloadPool;
import io.chainring.ring.request.ExtentRecord;
import io.chainring.ring.request.Operation;
import io.chainring.ring.request.RequestHeader;
import org.jspecify.annotations.Nullable;

/** What each command of the protocol becomes on the ring. */
final class RingRequests {
    private final int mostExtents;
    private final int cachePieceBytes;

    /**
     * @param largestChainBytes most payload of one chain
     */
    RingRequests(NbdSettings settings, int largestChainBytes) {
        this.mostExtents =
                Math.min(
                        settings.maxExtentsPerReply(),
                        Math.min(PayloadPool.SLAB_BYTES, largestChainBytes) / ExtentRecord.BYTES);
        this.cachePieceBytes = Math.min(settings.cachePieceBytes(), largestChainBytes);
    }

    /** Ring memory that a command needs, in bytes; 0 for none. */
    int payloadBytes(NbdCommand command, RequestHeaderReader header) {
        return switch (command) {
            case READ, WRITE -> (int) header.lengthBytes();
            case CACHE -> (int) Math.min(header.lengthBytes(), cachePieceBytes);
            case BLOCK_STATUS ->
                    ExtentRecord.BYTES
                            * (header.has(NbdProtocol.CMD_FLAG_REQ_ONE) ? 1 : mostExtents);
            case FLUSH, TRIM, WRITE_ZEROES -> 0;
        };
    }

    /**
     * The (first) request of a command.
     *
     * @param payload of {@link #payloadBytes}, null where there is none
     * @param slot the command's place in the {@link CommandTable}
     */
    BlockRequest request(
            NbdCommand command, RequestHeaderReader header, @Nullable Payload payload, int slot) {
        boolean piece = command == NbdCommand.CACHE;
        long lengthBytes = piece && payload != null ? payload.lengthBytes() : header.lengthBytes();
        return new BlockRequest(
                operation(command),
                header.offsetBytes(),
                lengthBytes,
                flags(command, header),
                payload,
                slot);
    }

    /** The request for a piece of a READ or WRITE that begins there and is as long as its payload. */
    static BlockRequest piece(
            NbdCommand command,
            RequestHeaderReader header,
            long offsetBytes,
            Payload payload,
            int slot) {
        return new BlockRequest(
                operation(command),
                offsetBytes,
                payload.lengthBytes(),
                flags(command, header),
                payload,
                slot);
    }

    /**
     * Length of the piece that follows a piece of a CACHE command.
     *
     * @return 0 when that was the last one
     */
    static int nextPieceBytes(BlockRequest done, long endBytes) {
        return (int)
                Math.min(endBytes - done.offsetBytes() - done.lengthBytes(), done.lengthBytes());
    }

    /** The request for the piece that follows. */
    static BlockRequest nextPiece(BlockRequest done, Payload payload) {
        long offsetBytes = done.offsetBytes() + done.lengthBytes();
        return new BlockRequest(
                Operation.READ, offsetBytes, payload.lengthBytes(), 0, payload, done.tag());
    }

    private static Operation operation(NbdCommand command) {
        return switch (command) {
            case READ, CACHE -> Operation.READ;
            case WRITE -> Operation.WRITE;
            case FLUSH -> Operation.FLUSH;
            case TRIM -> Operation.DISCARD;
            case WRITE_ZEROES -> Operation.WRITE_ZEROES;
            case BLOCK_STATUS -> Operation.EXTENTS;
        };
    }

    private static int flags(NbdCommand command, RequestHeaderReader header) {
        boolean fua = command.changesDisk() && header.has(NbdProtocol.CMD_FLAG_FUA);
        int flags = fua ? RequestHeader.FLAG_FUA : 0;
        if (command == NbdCommand.WRITE_ZEROES) {
            flags |= header.has(NbdProtocol.CMD_FLAG_NO_HOLE) ? 0 : RequestHeader.FLAG_UNMAP;
            flags |= header.has(NbdProtocol.CMD_FLAG_FAST_ZERO) ? RequestHeader.FLAG_FAST_ZERO : 0;
        }
        return flags;
    }
}
