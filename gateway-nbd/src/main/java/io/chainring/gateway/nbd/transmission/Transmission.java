package io.chainring.gateway.nbd.transmission;

import io.chainring.gateway.nbd.handshake.Handshake;
import io.chainring.gateway.nbd.protocol.NbdCommand;
import io.chainring.gateway.nbd.protocol.NbdErrors;
import io.chainring.gateway.nbd.protocol.NbdProtocol;
import io.chainring.gateway.nbd.setup.NbdCounters;
import io.chainring.gateway.nbd.setup.NbdExport;
import io.chainring.gateway.nbd.setup.NbdSettings;
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
 *                             +------+   or dropped, then error +
 * </pre>
 *
 * What a connection may occupy is bounded (I10): requests in the ring and replies not yet sent together by
 * {@link NbdSettings#maxRequestsPerConnection}, payload by the ring's pool. A request that finds no room stays where it
 * is, and nothing behind it is looked at: {@link Progress#BLOCKED} asks the driver to stop reading.
 *
 * <p>A command that is longer than a chain, or than the memory that its ring may have, is executed in pieces:
 *
 * <ul>
 *   <li>a WRITE takes memory piece by piece as its payload arrives, and is answered when all are done;
 *   <li>a READ takes all its memory at once and is answered when all is read. When there is not that much although
 *       nothing else of this connection is under way, its pieces are read as memory comes back, and sent in their order
 *       ({@link ReadStream}).
 * </ul>
 *
 * So what can be had by a client that does not read, or sends half a payload, is its ring's share, and a ring that has
 * only its guarantee serves requests of any length. The protocol promises no atomicity of a request.
 */
public final class Transmission {
    /** How far {@link #feed} came. */
    public enum Progress {
        /** All input is consumed. */
        MORE,
        /** No room: call again with the rest of the input when something has been completed or sent. */
        BLOCKED,
        /** The client said goodbye: finish what is under way, then close. */
        END,
        /** The client broke the protocol beyond repair: close. */
        DISCONNECT,
        /** Data that was promised to the client cannot be read: close, for the protocol has no word for it. */
        FAILED
    }

    /** Where replies go. */
    public interface Wire {
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
    private final PieceMemory memory;
    private final ArrivingWrite write;
    private final LargeReads reads;
    private final RefusedRequest refused;
    private List<BlockRequest> batch = new ArrayList<>();
    private int ringRequests;
    private boolean headerKnown;
    private int unsentReplies;
    private boolean ended;
    private String problem = "";

    public Transmission(
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
        this.memory = new PieceMemory(port);
        this.wire = wire;
        this.maxPayloadBytes = settings.maxPayloadBytes();
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
        this.ring = new RingRequests(settings, memory.largestBytes());
        this.replies = new ReplyBatch(alloc, wire::write, wire::roomFreed);
        this.answers = new CommandReplies(commands, replies, counters, structured);
        this.refused = new RefusedRequest(answers);
        this.write = new ArrivingWrite(header, memory, commands);
        this.reads = new LargeReads(header, memory, commands, answers, structured);
    }

    /** Takes what has arrived, in order. The driver calls {@link #endTurn} when there is no more for now. */
    public Progress feed(ByteBuf in) {
        while (true) {
            if (ended) {
                in.skipBytes(in.readableBytes());
                return Progress.END;
            }
            if (reads.broken()) {
                problem = "a READ failed behind the beginning of its only reply";
                return Progress.FAILED;
            }
            if (write.takes()) {
                BlockRequest whole = write.copyFrom(in);
                if (whole == null) {
                    return Progress.MORE;
                }
                add(whole);
            } else if (refused.arrives()) {
                if (!refused.dropFrom(in)) {
                    return Progress.MORE;
                }
            } else if (write.lacksMemory()) {
                if (!hasPlace() || !write.takeMemory()) {
                    return Progress.BLOCKED;
                }
            } else if (reads.streams()) {
                readOn();
                return Progress.BLOCKED;
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
    public @Nullable ByteBuf directTarget() {
        return write.target();
    }

    /** That many bytes were received into {@link #directTarget}. */
    public void directReceived(int lengthBytes) {
        BlockRequest whole = write.received(lengthBytes);
        if (whole == null) {
            return;
        }
        add(whole);
        if (write.lacksMemory() && hasPlace()) {
            // Where it finds no room now, the next input says so.
            var unused = write.takeMemory();
        }
    }

    /** Submits the requests and sends the replies that have gathered. */
    public void endTurn() {
        if (!batch.isEmpty()) {
            List<BlockRequest> turn = batch;
            batch = new ArrayList<>();
            port.submit(turn);
        }
        boolean wrote = replies.wrote();
        int count = replies.finish();
        if (wrote) {
            unsentReplies += count;
            wire.flush(count);
        }
    }

    /** That many replies have left for the socket. */
    public void sent(int count) {
        unsentReplies -= count;
    }

    /** Nothing is in the ring, every request that has begun to arrive is answered, and everything is sent. */
    public boolean idle() {
        return commands.used() == 0 && !refused.arrives() && unsentReplies + replies.replies() == 0;
    }

    /** Something is in the ring. */
    public boolean inRing() {
        return commands.used() > 0;
    }

    /** Silence on the socket is the disk's doing: something is in the ring and nothing waits for the peer. */
    public boolean waitsForDisk() {
        return ringRequests > 0 && unsentReplies == 0;
    }

    /** Why {@link Progress#DISCONNECT}. */
    public String problem() {
        return problem;
    }

    private boolean full() {
        return commands.used() + replies.replies() + unsentReplies >= maxRequests || !hasPlace();
    }

    /** Whether the ring takes one more request. */
    private boolean hasPlace() {
        return ringRequests < port.maxOutstandingRequests();
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
            refused.begin(command, error, header.cookie(), carriedBytes);
            return Progress.MORE;
        }
        return begin(command);
    }

    private Progress begin(NbdCommand command) {
        int payloadBytes = ring.payloadBytes(command, header);
        if (command == NbdCommand.READ && memory.piecesOf(payloadBytes) > 1) {
            return beginRead(payloadBytes);
        }
        if (command == NbdCommand.WRITE && !memory.arrivesWhole(payloadBytes)) {
            write.beginInPieces(take(command));
            return Progress.MORE;
        }
        Payload payload = payloadBytes == 0 ? null : memoryFor(command, payloadBytes);
        if (payloadBytes > 0 && payload == null) {
            return withoutRoom(command);
        }
        int slot = take(command);
        BlockRequest request = ring.request(command, header, payload, slot);
        if (command == NbdCommand.WRITE && payload != null) {
            write.begin(request, payload, slot);
        } else {
            add(request);
        }
        return Progress.MORE;
    }

    private @Nullable Payload memoryFor(NbdCommand command, int payloadBytes) {
        return command == NbdCommand.CACHE ? memory.next(payloadBytes) : memory.whole(payloadBytes);
    }

    private int take(NbdCommand command) {
        return commands.take(command, header.cookie(), header.offsetBytes(), header.lengthBytes());
    }

    private void add(BlockRequest request) {
        batch.add(request);
        ringRequests++;
    }

    /** As soon as nothing else of this connection is under way, there is as much room as there will be. */
    private Progress withoutRoom(NbdCommand command) {
        if (commands.used() > 0 || !memory.unused()) {
            return Progress.BLOCKED;
        }
        switch (command) {
            case WRITE -> write.beginInPieces(take(command));
            case READ -> reads.beginStream(take(command));
            default -> {
                return Progress.BLOCKED;
            }
        }
        return Progress.MORE;
    }

    private Progress beginRead(int lengthBytes) {
        boolean places =
                ringRequests + memory.piecesOf(lengthBytes) <= port.maxOutstandingRequests();
        List<Payload> payloads = places ? memory.all(lengthBytes) : null;
        if (payloads == null) {
            return withoutRoom(NbdCommand.READ);
        }
        reads.begin(take(NbdCommand.READ), payloads).forEach(this::add);
        return Progress.MORE;
    }

    /** The next pieces of a READ that has the ring for itself, as far as there is room. */
    private void readOn() {
        BlockRequest piece = hasPlace() ? reads.next() : null;
        while (piece != null) {
            add(piece);
            piece = hasPlace() ? reads.next() : null;
        }
    }

    /** Requests came back from the ring; their replies leave with the next {@link #endTurn}. */
    public void completed(List<BlockRequest> requests) {
        ringRequests -= requests.size();
        for (BlockRequest request : requests) {
            int slot = (int) request.tag();
            PieceGroup group = commands.group(slot);
            boolean answered;
            if (reads.streams()) {
                answered = reads.streamed(request);
            } else if (group != null) {
                answered = pieceDone(group, request, slot);
            } else {
                answered = wholeDone(request, slot);
            }
            if (answered) {
                commands.release(slot);
            }
        }
    }

    private boolean wholeDone(BlockRequest request, int slot) {
        switch (commands.command(slot)) {
            case READ -> answers.read(request, slot);
            case BLOCK_STATUS -> answers.blockStatus(request, slot);
            case CACHE -> {
                if (cacheMore(request, slot)) {
                    return false;
                }
                answers.plain(request, slot);
            }
            case WRITE, FLUSH, TRIM, WRITE_ZEROES -> answers.plain(request, slot);
        }
        return true;
    }

    private boolean pieceDone(PieceGroup group, BlockRequest piece, int slot) {
        boolean read = commands.command(slot) == NbdCommand.READ;
        group.done(piece, read);
        if (!group.ended()) {
            return false;
        }
        if (read) {
            answers.read(group, slot);
        } else {
            answers.plain(group.status(), slot);
        }
        return true;
    }

    /** Reads the next piece of a CACHE command; false when there is none. */
    private boolean cacheMore(BlockRequest done, int slot) {
        long endBytes = commands.offsetBytes(slot) + commands.lengthBytes(slot);
        int pieceBytes = RingRequests.nextPieceBytes(done, endBytes);
        if (pieceBytes == 0 || done.status() != ChainStatus.OK || shuttingDown.getAsBoolean()) {
            return false;
        }
        Payload payload = memory.whole(pieceBytes);
        if (payload == null) {
            // Reading ahead is a favour, for which there is no room at present.
            return false;
        }
        CommandReplies.release(done);
        add(RingRequests.nextPiece(done, payload));
        return true;
    }

    /** The connection is gone: gives back the memory of what was not submitted. */
    public void abandon() {
        ended = true;
        write.abandon();
        batch.forEach(CommandReplies::release);
        batch = new ArrayList<>();
        commands.abandon();
        reads.abandon();
        replies.finish();
    }

    /** Requests that came back when nobody waits for their replies any more. */
    public void discard(List<BlockRequest> requests) {
        requests.forEach(CommandReplies::release);
    }
}
