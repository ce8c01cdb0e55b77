package io.chainring.gateway.nbd;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.Payload;
import io.chainring.ring.frontend.RingPort;
import io.chainring.ring.request.ChainStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
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
    private final Wire wire;

    /** New requests are answered with ESHUTDOWN as soon as this says so: for all clients from one moment on. */
    private final BooleanSupplier shuttingDown;

    private final RequestCheck check;
    private final int maxPayloadBytes;
    private final int maxRequests;
    private final RequestHeaderReader header = new RequestHeaderReader();
    private final CommandTable commands;
    private final RingRequests ring;
    private final ReplyBatch replies;
    private final CommandReplies answers;
    private List<BlockRequest> batch = new ArrayList<>();
    private boolean headerKnown;
    private @Nullable PayloadFill fill;
    private @Nullable BlockRequest arriving;
    private long skipBytes;
    private int unsentReplies;
    private boolean ended;
    private String problem = "";

    Transmission(
            NbdExport export,
            RingPort port,
            Handshake negotiated,
            NbdSettings settings,
            NbdCounters counters,
            ByteBufAllocator alloc,
            Wire wire,
            BooleanSupplier shuttingDown) {
        this.shuttingDown = shuttingDown;
        boolean structured = negotiated.structuredReplies();
        this.port = port;
        this.wire = wire;
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
        this.ring = new RingRequests(settings, maxPayloadBytes);
        this.replies = new ReplyBatch(alloc, wire::write, wire::roomFreed);
        this.answers = new CommandReplies(commands, replies, alloc, counters, structured);
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

    /** Something is in the ring. */
    boolean inRing() {
        return commands.used() > 0;
    }

    /** Silence on the socket is the disk's doing: something is in the ring and nothing waits for the peer. */
    boolean waitsForDisk() {
        return commands.used() > (arriving == null ? 0 : 1) && unsentReplies == 0;
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
        if (shuttingDown.getAsBoolean()) {
            error = NbdErrors.ESHUTDOWN;
        }
        if (command == null || error != NbdErrors.OK) {
            skipBytes = carriedBytes;
            answers.refuse(command, error, header.cookie());
            return Progress.MORE;
        }
        return begin(command);
    }

    private Progress begin(NbdCommand command) {
        int payloadBytes = ring.payloadBytes(command, header);
        Payload payload = payloadBytes == 0 ? null : port.payloads().allocate(payloadBytes);
        if (payloadBytes > 0 && payload == null) {
            return Progress.BLOCKED;
        }
        int slot =
                commands.take(command, header.cookie(), header.offsetBytes(), header.lengthBytes());
        BlockRequest request = ring.request(command, header, payload, slot);
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

    /** Requests came back from the ring; their replies leave with the next {@link #endTurn}. */
    void completed(List<BlockRequest> requests) {
        for (BlockRequest request : requests) {
            int slot = (int) request.tag();
            switch (commands.command(slot)) {
                case READ -> answers.read(request, slot);
                case BLOCK_STATUS -> answers.blockStatus(request, slot);
                case CACHE -> {
                    if (cacheMore(request, slot)) {
                        continue;
                    }
                    answers.plain(request, slot);
                }
                case WRITE, FLUSH, TRIM, WRITE_ZEROES -> answers.plain(request, slot);
            }
            commands.release(slot);
        }
    }

    /** Reads the next piece of a CACHE command; false when there is none. */
    private boolean cacheMore(BlockRequest done, int slot) {
        long endBytes = commands.offsetBytes(slot) + commands.lengthBytes(slot);
        int pieceBytes = RingRequests.nextPieceBytes(done, endBytes);
        if (pieceBytes == 0 || done.status() != ChainStatus.OK || shuttingDown.getAsBoolean()) {
            return false;
        }
        CommandReplies.release(done);
        Payload payload = port.payloads().allocate(pieceBytes);
        if (payload == null) {
            throw new IllegalStateException("payload memory that was just released is gone");
        }
        batch.add(RingRequests.nextPiece(done, payload));
        return true;
    }

    /** The connection is gone: gives back the memory of what was not submitted. */
    void abandon() {
        ended = true;
        if (arriving != null) {
            CommandReplies.release(arriving);
            arriving = null;
            fill = null;
        }
        batch.forEach(CommandReplies::release);
        batch = new ArrayList<>();
        replies.finish();
    }

    /** Requests that came back when nobody waits for their replies any more. */
    void discard(List<BlockRequest> requests) {
        for (BlockRequest request : requests) {
            CommandReplies.release(request);
            commands.release((int) request.tag());
        }
    }
}
