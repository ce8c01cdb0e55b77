package io.chainring.gateway.nbd;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.CompletionSink;
import io.chainring.ring.frontend.RingPort;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection from the moment it has chosen a disk: moves to the disk's loop, opens a ring, then carries requests and
 * replies between socket and ring until one of them ends. A thin shell around {@link Transmission}: all it decides is
 * when to read, when to write and when it is over.
 *
 * <pre>
 * MOVING --> WAITING --> OPENING --> SERVING --> FINISHING --> CLOSED
 *    |          |           |           |       (DISC, or     ^
 *    |          |           |           |        shutdown)    |
 *    +----------+-----------+-----------+---------------------+   (peer gone, protocol broken, ring closed)
 *                           |
 *                           +--> back to the handshake (ring refused)
 * </pre>
 *
 * <ul>
 *   <li>MOVING: between two loops, nothing is read.
 *   <li>WAITING: for {@link DiskConnections} to have read the disk's other connections (I9).
 *   <li>OPENING: the ring service drains what closed before, then says opened.
 *   <li>SERVING: reading unless held back: no room in the ring, in its payload memory, or for unsent replies (I10).
 *   <li>FINISHING: nothing is read any more; what is in the ring is finished and answered.
 * </ul>
 *
 * Everything runs on the disk's loop; calls of the ring from elsewhere hop.
 */
final class DiskConnection extends ChannelInboundHandlerAdapter
        implements CompletionSink, Transmission.Wire {
    private static final Logger LOG = LoggerFactory.getLogger(DiskConnection.class);
    private static final int TEMPORARY_BUFFER_BYTES = 1 << 16;

    private enum State {
        MOVING,
        WAITING,
        OPENING,
        SERVING,
        FINISHING,
        CLOSED
    }

    private final ServerContext server;
    private final ConnectionLimits.Place place;
    private final ConnectionReceive receive;
    private final Handshake handshake;
    private final NbdExport export;
    private final Channel channel;
    private final HeldBytes held = new HeldBytes();
    private State state = State.MOVING;
    private @Nullable ChannelHandlerContext context;
    private @Nullable DiskConnections connections;
    private @Nullable Transmission transmission;
    private @Nullable IdleWatch idleWatch;
    private long ringId = -1;
    private boolean ringOpen;
    private ByteBuf received = Unpooled.EMPTY_BUFFER;
    private @Nullable ByteBuf direct;
    private @Nullable ByteBuf lastPiece;
    private boolean blocked;
    private boolean settling;
    private boolean resumeScheduled;

    DiskConnection(
            ServerContext server,
            ConnectionLimits.Place place,
            ConnectionReceive receive,
            Handshake handshake,
            Channel channel) {
        this.server = server;
        this.place = place;
        this.receive = receive;
        this.handshake = handshake;
        this.export = handshake.export();
        this.channel = channel;
        server.chosen(this);
    }

    // --- from the handshake to the ring ---

    /**
     * Takes over the channel from the handshake.
     *
     * @param early bytes that arrived behind the option; taken over
     */
    void takeOver(ByteBuf early) {
        held.add(early);
        channel.config().setAutoRead(false);
        EventLoop loop = export.loop();
        if (channel.eventLoop() == loop) {
            arrived();
            return;
        }
        channel.deregister()
                .addListener(
                        left -> {
                            // Registers in any case: a channel that closed meanwhile is refused
                            // there, and says so.
                            loop.register(channel)
                                    .addListener(
                                            registered -> {
                                                if (registered.isSuccess()) {
                                                    arrived();
                                                } else {
                                                    LOG.debug(
                                                            "{} cannot move to the loop of {}",
                                                            channel,
                                                            export.name(),
                                                            registered.cause());
                                                    end(true);
                                                }
                                            });
                        });
    }

    private void arrived() {
        if (state != State.MOVING) {
            return;
        }
        if (!channel.isActive() || server.shuttingDown()) {
            end(true);
            return;
        }
        state = State.WAITING;
        DiskConnections all = server.connectionsOf(export);
        connections = all;
        all.admit(this);
    }

    /** The others of this disk have been read: open the ring. */
    void openRing() {
        state = State.OPENING;
        ringOpen = true;
        ringId = export.service().openRing(this);
    }

    @Override
    public void opened(RingPort port) {
        onLoop(() -> startServing(port));
    }

    private void startServing(RingPort port) {
        if (state != State.OPENING) {
            return;
        }
        Transmission started =
                new Transmission(
                        export,
                        port,
                        handshake,
                        server.settings(),
                        server.counters(),
                        channel.alloc(),
                        this);
        transmission = started;
        ByteBuf last = channel.alloc().buffer();
        handshake.opened(
                port.capacityBytes(), Transmission.maxPayloadBytes(server.settings(), port), last);
        state = State.SERVING;
        place.handshakeDone();
        received = channel.alloc().directBuffer(server.settings().receiveBufferBytes());
        receive.redirect(encrypted() ? DiskConnection::temporaryBuffer : this::nextBuffer);
        idleWatch = IdleWatch.start(server.settings(), channel, started);
        send(last);
        LOG.debug("{} opened {} as ring {}", channel, export.name(), ringId);
        resume();
    }

    @Override
    public void closed(String reason) {
        onLoop(() -> ringClosed(reason));
    }

    private void ringClosed(String reason) {
        ringOpen = false;
        if (state == State.OPENING) {
            backToHandshake(reason);
        } else if (state != State.CLOSED) {
            LOG.info("{} is closed: ring of {} has ended: {}", channel, export.name(), reason);
            end(false);
            var unused =
                    channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
                            .addListener(ChannelFutureListener.CLOSE);
            long patienceMillis = server.settings().shutdownTimeout().toMillis();
            Runnable giveUp = this::closeChannel;
            var unusedToo =
                    channel.eventLoop().schedule(giveUp, patienceMillis, TimeUnit.MILLISECONDS);
        }
    }

    private void backToHandshake(String reason) {
        LOG.info("{} gets no ring of {}: {}", channel, export.name(), reason);
        ByteBuf reply = channel.alloc().buffer();
        Handshake.Verdict verdict = handshake.refused(reason, reply);
        send(reply);
        if (verdict == Handshake.Verdict.CLOSE) {
            end(true);
            return;
        }
        state = State.CLOSED;
        leaveDisk();
        HandshakeHandler again = new HandshakeHandler(server, place, receive, handshake);
        channel.pipeline().replace(this, "handshake", again);
        channel.config().setAutoRead(true);
        for (ByteBuf piece = held.take(); piece != null; piece = held.take()) {
            channel.pipeline().fireChannelRead(piece);
        }
    }

    // --- socket to ring ---

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    /** Where the next bytes of the socket go: ring memory when payload is due, else the receive buffer. */
    private ByteBuf nextBuffer(ByteBufAllocator alloc) {
        Transmission present = transmission;
        if (present == null || !feeding() || received.isReadable()) {
            return temporaryBuffer(alloc);
        }
        direct = present.directTarget();
        if (direct != null) {
            return direct;
        }
        return received.clear().retain();
    }

    private static ByteBuf temporaryBuffer(ByteBufAllocator alloc) {
        return alloc.directBuffer(TEMPORARY_BUFFER_BYTES, TEMPORARY_BUFFER_BYTES);
    }

    private boolean encrypted() {
        return channel.pipeline().get(SslHandler.class) != null;
    }

    /** True when what arrives can be looked at right away. */
    private boolean feeding() {
        return state == State.SERVING && !blocked && held.isEmpty();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        Transmission present = transmission;
        if (idleWatch != null) {
            idleWatch.moved();
        }
        if (state == State.FINISHING || state == State.CLOSED) {
            in.release();
        } else if (present == null || !feeding()) {
            hold(in);
        } else if (in == direct) {
            direct = null;
            int lengthBytes = in.readableBytes();
            in.release();
            present.directReceived(lengthBytes);
        } else {
            note(present.feed(in));
            if (in == received || state != State.SERVING) {
                in.release();
            } else {
                held.putBack(in);
            }
        }
    }

    private void hold(ByteBuf in) {
        held.add(in);
        if (held.lengthBytes() > server.settings().maxHeldBytes() + TEMPORARY_BUFFER_BYTES) {
            LOG.info("{} is closed: {} bytes of it wait for room", channel, held.lengthBytes());
            end(true);
        }
    }

    private void note(Transmission.Progress progress) {
        blocked = progress == Transmission.Progress.BLOCKED;
        if (blocked) {
            // At once, so that the present turn reads no further.
            updateReading();
        } else if (progress == Transmission.Progress.END) {
            finish();
        } else if (progress == Transmission.Progress.DISCONNECT) {
            Transmission present = transmission;
            LOG.info("{} is closed: {}", channel, present == null ? "" : present.problem());
            server.counters().protocolViolated();
            end(true);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        endTurn();
    }

    private void endTurn() {
        Transmission present = transmission;
        if (present == null || state == State.CLOSED) {
            return;
        }
        present.endTurn();
        closeWhenFinished();
        updateReading();
    }

    /** Looks again at what could not go on, now that there is room. */
    private void resume() {
        Transmission present = transmission;
        if (present == null || state != State.SERVING) {
            return;
        }
        blocked = false;
        if (received.isReadable()) {
            note(present.feed(received));
        }
        while (state == State.SERVING && !blocked) {
            ByteBuf piece = held.take();
            if (piece == null) {
                break;
            }
            note(present.feed(piece));
            if (state == State.SERVING) {
                held.putBack(piece);
            } else {
                piece.release();
            }
        }
        endTurn();
    }

    private void updateReading() {
        boolean reading = feeding() || (settling && state != State.CLOSED);
        if (channel.config().isAutoRead() != reading) {
            channel.config().setAutoRead(reading);
        }
    }

    // --- ring to socket ---

    @Override
    public void completed(List<BlockRequest> requests) {
        onLoop(() -> reply(requests));
    }

    private void reply(List<BlockRequest> requests) {
        Transmission present = transmission;
        if (present == null) {
            throw new IllegalStateException("requests came back from a ring that was never open");
        }
        if (state == State.CLOSED) {
            present.discard(requests);
            return;
        }
        present.completed(requests);
        if (blocked) {
            resume();
        } else {
            endTurn();
        }
    }

    @Override
    public void write(ByteBuf bytes) {
        ByteBuf previous = lastPiece;
        lastPiece = bytes;
        if (previous != null) {
            pass(previous);
        }
    }

    private void pass(ByteBuf bytes) {
        ChannelHandlerContext present = context;
        if (present == null || state == State.CLOSED || !channel.isActive()) {
            bytes.release();
        } else {
            var unused = present.write(bytes, channel.voidPromise());
        }
    }

    @Override
    public void flush(int replies) {
        ByteBuf last = lastPiece;
        ChannelHandlerContext present = context;
        if (last == null || present == null) {
            throw new IllegalStateException(replies + " replies without a byte");
        }
        lastPiece = null;
        var unused = present.writeAndFlush(last).addListener(done -> sent(replies));
    }

    private void sent(int replies) {
        Transmission present = transmission;
        if (present == null) {
            return;
        }
        present.sent(replies);
        if (idleWatch != null) {
            idleWatch.moved();
        }
        roomFreed();
        closeWhenFinished();
    }

    @Override
    public void roomFreed() {
        if (blocked && !resumeScheduled && state == State.SERVING) {
            resumeScheduled = true;
            channel.eventLoop()
                    .execute(
                            () -> {
                                resumeScheduled = false;
                                if (blocked) {
                                    resume();
                                }
                            });
        }
    }

    // --- the end ---

    /** True while a connection that reads no more has requests in its ring. */
    boolean finishing() {
        return state == State.FINISHING;
    }

    private void finish() {
        state = State.FINISHING;
        held.release();
    }

    /** The server goes down: what is in flight is finished, what comes later gets ESHUTDOWN. Any thread. */
    void shutDown() {
        export.loop().execute(this::shutDownOnLoop);
    }

    private void shutDownOnLoop() {
        if (state == State.MOVING) {
            // Finds out by itself when it arrives.
            return;
        }
        Transmission present = transmission;
        if (present == null) {
            end(true);
        } else {
            present.shutDown();
            closeWhenFinished();
        }
    }

    private void closeWhenFinished() {
        boolean over =
                state == State.FINISHING || (state == State.SERVING && server.shuttingDown());
        if (over && transmission != null && transmission.idle()) {
            end(true);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (state != State.FINISHING) {
            end(true);
        }
    }

    /** The end: what is not in the ring is forgotten, the ring is closed, then the channel. */
    private void end(boolean closeChannel) {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        Transmission present = transmission;
        if (present != null) {
            present.abandon();
        }
        if (idleWatch != null) {
            idleWatch.stop();
        }
        receive.redirect(null);
        held.release();
        received.release();
        received = Unpooled.EMPTY_BUFFER;
        if (lastPiece != null) {
            lastPiece.release();
            lastPiece = null;
        }
        if (ringOpen) {
            ringOpen = false;
            export.service().closeRing(ringId);
        }
        leaveDisk();
        if (closeChannel) {
            closeChannel();
        }
    }

    private void closeChannel() {
        var unused = channel.close();
    }

    private void send(ByteBuf bytes) {
        var unused = channel.writeAndFlush(bytes, channel.voidPromise());
    }

    private void leaveDisk() {
        server.gone(this);
        if (connections != null) {
            connections.remove(this);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.debug("{} failed", channel, cause);
        if (state == State.FINISHING) {
            var unused = channel.close();
        } else {
            end(true);
        }
    }

    // --- invariant I9 ---

    /**
     * Reads on the spot what has arrived, and ends the connection when that shows that its peer is gone.
     *
     * @return false when this kind of channel cannot be read on the spot
     */
    boolean readArrived() {
        if (state == State.FINISHING || state == State.CLOSED) {
            return true;
        }
        ArrivedBytes.Outcome outcome = ArrivedBytes.read(channel, this::arrivalBuffer);
        if (outcome == ArrivedBytes.Outcome.GONE && state != State.FINISHING) {
            LOG.debug(
                    "{} turned out closed when another connection of {} came",
                    channel,
                    export.name());
            end(true);
        }
        return outcome != ArrivedBytes.Outcome.UNKNOWN;
    }

    /** Memory for what has arrived; null when no more may be held and the peer is known to be there. */
    private @Nullable ByteBuf arrivalBuffer(ByteBufAllocator alloc) {
        if (state == State.FINISHING || state == State.CLOSED) {
            return null;
        }
        if (held.lengthBytes() >= server.settings().maxHeldBytes()) {
            if (!ArrivedBytes.peerIsThere(channel)) {
                LOG.info(
                        "{} is closed: {} bytes of it wait for room, its peer may be gone",
                        channel,
                        held.lengthBytes());
                end(true);
            }
            return null;
        }
        return encrypted() ? temporaryBuffer(alloc) : nextBuffer(alloc);
    }

    /** Reads (and holds) in the ordinary way for a while, or no longer. */
    void settle(boolean on) {
        settling = on;
        if (state != State.CLOSED) {
            updateReading();
        }
    }

    private void onLoop(Runnable task) {
        if (export.loop().inEventLoop()) {
            task.run();
        } else {
            export.loop().execute(task);
        }
    }
}
