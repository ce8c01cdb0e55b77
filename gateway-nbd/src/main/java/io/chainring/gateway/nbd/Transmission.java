package io.chainring.gateway.nbd;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.Payload;
import io.chainring.ring.frontend.RingPort;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.ExtentRecord;
import io.chainring.ring.request.Operation;
import io.chainring.ring.request.RequestHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The transmission phase of one connection without its socket: bytes in, batches of requests into the ring, replies
 * out. One thread.
 *
 * <pre>
 *             +--------------------- next ----------------------+
 *             v                                                 |
 *  ---> header arriving --> header known --> payload arriving --+--> submitted --> replied --> sent
 *                             |      ^           (WRITE)        |
 *                             | full |                          |
 *                             +------+       or skipped (error) +
 * </pre>
 *
 * What a connection may occupy is bounded (I10): requests in the ring and replies not yet sent together by
 * {@link NbdSettings#maxRequestsPerConnection}, payload by the ring's pool. A request that finds no room stays where it
 * is, and nothing behind it is looked at: {@link Progress#BLOCKED} asks the driver to stop reading.
 */
final class Transmission {
    /** How far {@link #feed} came. */
    enum Progress {
        /** All input is consumed. */
        MORE,
        /** No room: call again with the rest of the input when something has been completed or sent. */
        BLOCKED,
        /** The client said goodbye: finish what is under way, then close. */
        END,
        /** The client broke the protocol beyond repair: close. */
        DISCONNECT
    }

    /** Where replies go. */
    interface Wire {
        /** Takes the next piece of the byte stream; releases it when it is sent. */
        void write(ByteBuf bytes);

        /** Sends all pieces so far, which hold that many replies, and reports with {@link Transmission#sent}. */
        void flush(int replies);

        /** Room has come back; called in the middle of anything. */
        void roomFreed();
    }

    private final RingPort port;
    private final NbdSettings settings;
    private final NbdCounters counters;
    private final ByteBufAllocator alloc;
    private final Wire wire;
    private final boolean structured;
    private final RequestCheck check;
    private final int maxPayloadBytes;
    private final int maxRequests;
    private final RequestHeaderReader header = new RequestHeaderReader();
    private final CommandTable commands;
    private final ReplyBatch replies;
    private List<BlockRequest> batch = new ArrayList<>();
    private boolean headerKnown;
    private @Nullable PayloadFill fill;
    private @Nullable BlockRequest arriving;
    private long skipBytes;
    private int unsentReplies;
    private boolean ended;
    private boolean shuttingDown;
    private String problem = "";

    Transmission(
            NbdExport export,
            RingPort port,
            Handshake negotiated,
            NbdSettings settings,
            NbdCounters counters,
            ByteBufAllocator alloc,
            Wire wire) {
        this.port = port;
        this.settings = settings;
        this.counters = counters;
        this.alloc = alloc;
        this.wire = wire;
        this.structured = negotiated.structuredReplies();
        this.maxPayloadBytes = maxPayloadBytes(settings, port);
        this.check =
                new RequestCheck(
                        port.capacityBytes(),
                        maxPayloadBytes,
                        export.readOnly(),
                        structured,
                        negotiated.allocationContext());
        this.maxRequests =
                Math.min(settings.maxRequestsPerConnection(), port.maxOutstandingRequests());
        this.commands = new CommandTable(maxRequests);
        this.replies = new ReplyBatch(alloc, wire::write, wire::roomFreed);
    }

    /** The largest payload that both the settings and the ring's memory take. */
    static int maxPayloadBytes(NbdSettings settings, RingPort port) {
        return (int) Math.min(settings.maxPayloadBytes(), port.payloads().limitBytes());
    }

    /** Takes what has arrived, in order. The driver calls {@link #endTurn} when there is no more for now. */
    Progress feed(ByteBuf in) {
        while (true) {
            if (ended) {
                in.skipBytes(in.readableBytes());
                return Progress.END;
            }
            if (fill != null) {
                fill.copyFrom(in);
                if (!fill.complete()) {
                    return Progress.MORE;
                }
                writeArrived(fill);
            } else if (skipBytes > 0) {
                int skip = (int) Math.min(skipBytes, in.readableBytes());
                in.skipBytes(skip);
                skipBytes -= skip;
                if (skipBytes > 0) {
                    return Progress.MORE;
                }
            } else {
                if (!headerKnown && !header.read(in)) {
                    return Progress.MORE;
                }
                headerKnown = true;
                Progress progress = admit();
                if (progress != Progress.MORE) {
                    return progress;
                }
                headerKnown = false;
            }
        }
    }

    /** Ring memory to receive into directly, when the next bytes of the stream belong there; else null. */
    @Nullable ByteBuf directTarget() {
        return fill == null ? null : fill.target();
    }

    /** That many bytes were received into {@link #directTarget}. */
    void directReceived(int lengthBytes) {
        PayloadFill present = fill;
        if (present == null) {
            throw new IllegalStateException("no payload is arriving");
        }
        present.received(lengthBytes);
        if (present.complete()) {
            writeArrived(present);
        }
    }

    /** Submits the requests and sends the replies that have gathered. */
    void endTurn() {
        if (!batch.isEmpty()) {
            List<BlockRequest> turn = batch;
            batch = new ArrayList<>();
            port.submit(turn);
        }
        int count = replies.finish();
        if (count > 0) {
            unsentReplies += count;
            wire.flush(count);
        }
    }

    /** That many replies have left for the socket. */
    void sent(int count) {
        unsentReplies -= count;
    }

    /** Nothing is in the ring and everything is sent. */
    boolean idle() {
        return commands.used() == 0 && unsentReplies + replies.replies() == 0;
    }

    /** Silence on the socket is the disk's doing: something is in the ring and nothing waits for the peer. */
    boolean waitsForDisk() {
        return commands.used() > (arriving == null ? 0 : 1) && unsentReplies == 0;
    }

    /** New requests are answered with ESHUTDOWN from now on. */
    void shutDown() {
        shuttingDown = true;
    }

    /** Why {@link Progress#DISCONNECT}. */
    String problem() {
        return problem;
    }

    private boolean full() {
        return commands.used() + replies.replies() + unsentReplies >= maxRequests;
    }

    /** Decides on the known header: MORE when it is dealt with. */
    private Progress admit() {
        if (!header.hasMagic()) {
            problem = "bad request magic";
            return Progress.DISCONNECT;
        }
        if (header.type() == NbdProtocol.CMD_DISC) {
            ended = true;
            return Progress.END;
        }
        if (full()) {
            return Progress.BLOCKED;
        }
        long carriedBytes = header.type() == NbdProtocol.CMD_WRITE ? header.lengthBytes() : 0;
        if (carriedBytes > 2L * maxPayloadBytes) {
            problem = "WRITE with " + carriedBytes + " bytes of payload";
            return Progress.DISCONNECT;
        }
        NbdCommand command = NbdCommand.ofType(header.type());
        int error = command == null ? NbdErrors.EINVAL : check.errorOf(command, header);
        if (shuttingDown) {
            error = NbdErrors.ESHUTDOWN;
        }
        if (command == null || error != NbdErrors.OK) {
            skipBytes = carriedBytes;
            fail(command, error, header.cookie());
            return Progress.MORE;
        }
        return begin(command);
    }

    private Progress begin(NbdCommand command) {
        int payloadBytes = payloadBytes(command);
        Payload payload = payloadBytes == 0 ? null : port.payloads().allocate(payloadBytes);
        if (payloadBytes > 0 && payload == null) {
            return Progress.BLOCKED;
        }
        int slot =
                commands.take(command, header.cookie(), header.offsetBytes(), header.lengthBytes());
        long lengthBytes = command == NbdCommand.CACHE ? payloadBytes : header.lengthBytes();
        BlockRequest request =
                new BlockRequest(
                        operation(command),
                        header.offsetBytes(),
                        lengthBytes,
                        ringFlags(command),
                        payload,
                        slot);
        if (command == NbdCommand.WRITE && payload != null) {
            fill = new PayloadFill(payload);
            arriving = request;
        } else {
            batch.add(request);
        }
        return Progress.MORE;
    }

    private void writeArrived(PayloadFill complete) {
        BlockRequest request = arriving;
        if (request == null || complete.payload() != request.payload()) {
            throw new IllegalStateException("a payload arrived without its request");
        }
        fill = null;
        arriving = null;
        batch.add(request);
    }

    private int payloadBytes(NbdCommand command) {
        return switch (command) {
            case READ, WRITE -> (int) header.lengthBytes();
            case CACHE -> (int) Math.min(header.lengthBytes(), cachePieceBytes());
            case BLOCK_STATUS ->
                    ExtentRecord.BYTES
                            * (header.has(NbdProtocol.CMD_FLAG_REQ_ONE)
                                    ? 1
                                    : settings.maxExtentsPerReply());
            default -> 0;
        };
    }

    private int cachePieceBytes() {
        return Math.min(settings.cachePieceBytes(), maxPayloadBytes);
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

    private int ringFlags(NbdCommand command) {
        int flags =
                command.changesDisk() && header.has(NbdProtocol.CMD_FLAG_FUA)
                        ? RequestHeader.FLAG_FUA
                        : 0;
        if (command == NbdCommand.WRITE_ZEROES) {
            flags |= header.has(NbdProtocol.CMD_FLAG_NO_HOLE) ? 0 : RequestHeader.FLAG_UNMAP;
            flags |= header.has(NbdProtocol.CMD_FLAG_FAST_ZERO) ? RequestHeader.FLAG_FAST_ZERO : 0;
        }
        return flags;
    }

    /** Requests came back from the ring; their replies leave with the next {@link #endTurn}. */
    void completed(List<BlockRequest> requests) {
        for (BlockRequest request : requests) {
            completed(request, (int) request.tag());
        }
    }

    private void completed(BlockRequest request, int slot) {
        int error = NbdErrors.ofStatus(request.status());
        NbdCommand command = commands.command(slot);
        switch (command) {
            case READ -> readDone(request, slot, error);
            case CACHE -> {
                if (error == NbdErrors.OK && cacheMore(request, slot)) {
                    return;
                }
                release(request);
                plainDone(slot, error);
            }
            case BLOCK_STATUS -> blockStatusDone(request, slot, error);
            default -> {
                release(request);
                plainDone(slot, error);
            }
        }
        commands.release(slot);
    }

    private void readDone(BlockRequest request, int slot, int statusError) {
        Payload payload = request.payload();
        long cookie = commands.cookie(slot);
        int error = statusError;
        if (payload == null
                || (error == NbdErrors.OK && request.writtenBytes() < payload.lengthBytes())) {
            error = NbdErrors.EIO;
        }
        if (payload == null || error != NbdErrors.OK) {
            release(request);
            if (structured && error == NbdErrors.EIO) {
                replies.chunkOfErrorAt(error, cookie, commands.offsetBytes(slot));
                count(slot, error);
            } else {
                plainDone(slot, error);
            }
            return;
        }
        if (structured) {
            replies.chunkOfData(cookie, commands.offsetBytes(slot), payload);
        } else {
            replies.simpleData(cookie, payload);
        }
        count(slot, error);
    }

    /** Reads the next piece of a CACHE command; false when there is none. */
    private boolean cacheMore(BlockRequest done, int slot) {
        long nextBytes = done.offsetBytes() + done.lengthBytes();
        long restBytes = commands.offsetBytes(slot) + commands.lengthBytes(slot) - nextBytes;
        if (restBytes == 0 || shuttingDown) {
            return false;
        }
        int pieceBytes = (int) Math.min(restBytes, done.lengthBytes());
        release(done);
        // Cannot fail: at least as much was given back just now, and nobody else allocates from
        // this ring's pool.
        Payload payload = port.payloads().allocate(pieceBytes);
        batch.add(new BlockRequest(Operation.READ, nextBytes, pieceBytes, 0, payload, slot));
        return true;
    }

    private void blockStatusDone(BlockRequest request, int slot, int error) {
        Payload payload = request.payload();
        boolean unsupported = request.status() == ChainStatus.UNSUPP;
        if (payload == null || (error != NbdErrors.OK && !unsupported)) {
            plainDone(slot, error == NbdErrors.OK ? NbdErrors.EIO : error);
        } else {
            long lengthBytes = commands.lengthBytes(slot);
            ByteBuf descriptors =
                    unsupported
                            ? BlockStatus.unknown(alloc, lengthBytes)
                            : BlockStatus.descriptors(
                                    alloc, payload, request.writtenBytes(), lengthBytes);
            replies.chunkOfBlockStatus(commands.cookie(slot), descriptors);
            count(slot, NbdErrors.OK);
        }
        release(request);
    }

    private void plainDone(int slot, int error) {
        if (error == NbdErrors.OK) {
            replies.simple(NbdErrors.OK, commands.cookie(slot));
            count(slot, error);
        } else {
            fail(commands.command(slot), error, commands.cookie(slot));
        }
    }

    private void fail(@Nullable NbdCommand command, int error, long cookie) {
        if (structured) {
            replies.chunkOfError(error, cookie);
        } else {
            replies.simple(error, cookie);
        }
        if (command != null) {
            counters.answered(command, 0, error);
        }
    }

    private void count(int slot, int error) {
        counters.answered(commands.command(slot), commands.lengthBytes(slot), error);
    }

    private static void release(BlockRequest request) {
        Payload payload = request.payload();
        if (payload != null) {
            payload.release();
        }
    }

    /** The connection is gone: gives back the memory of what was not submitted. */
    void abandon() {
        ended = true;
        if (arriving != null) {
            release(arriving);
            arriving = null;
            fill = null;
        }
        batch.forEach(Transmission::release);
        batch = new ArrayList<>();
        replies.finish();
    }

    /** Requests that came back when nobody waits for their replies any more. */
    void discard(List<BlockRequest> requests) {
        for (BlockRequest request : requests) {
            release(request);
            commands.release((int) request.tag());
        }
    }
}
