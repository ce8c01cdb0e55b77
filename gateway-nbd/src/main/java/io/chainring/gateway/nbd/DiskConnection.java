package io.chainring.gateway.nbd;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.RingPort;
import io.chainring.ring.supervise.RingService;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection from the moment it has chosen a disk. A thin shell around {@link Transmission}: all it
 * decides is when to read, when to write and when it is over.
 *
 * <pre>
 * MOVING --> WAITING --> OPENING --> SERVING --> FINISHING --> CLOSED
 *    |          |           |           |         (DISC)       ^
 *    +----------+-----------+-----------+----------------------+   (peer gone, protocol broken, ring closed)
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
 * Everything runs on the disk's loop; {@link LoopSink} brings the ring's calls there.
 */
final class DiskConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(DiskConnection.class);

    private enum State {
        MOVING,
        WAITING,
        OPENING,
        SERVING,
        FINISHING,
        CLOSED
    }

    private final Client client;
    private final ServerContext server;
    private final Handshake handshake;
    private final NbdExport export;
    private final Channel channel;
    private final RequestIntake intake;
    private final SocketWire wire;
    private State state = State.MOVING;
    private @Nullable DiskConnections connections;
    private @Nullable Serving serving;
    private long ringId = -1;
    private boolean ringOpen;
    private boolean settling;
    private boolean resumeScheduled;

    DiskConnection(Client client, Handshake handshake, Channel channel) {
        this.client = client;
        this.server = client.server();
        this.handshake = handshake;
        this.export = handshake.export();
        this.channel = channel;
        this.intake = new RequestIntake(server.settings().maxHeldBytes());
        this.wire = new SocketWire(channel, this::sent, this::resumeSoon);
        server.chosen(this);
    }

    /**
     * Takes over the channel from the handshake.
     *
     * @param early bytes that arrived behind the option; taken over
     */
    void takeOver(ByteBuf early) {
        var unused = intake.take(early);
        channel.config().setAutoRead(false);
        LoopMove.move(
                channel,
                export.loop(),
                this::arrived,
                cause -> {
                    LOG.debug("{} cannot move", channel, cause);
                    end(true);
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
        connections = server.connectionsOf(export);
        connections.admit(this);
    }

    /** The others of this disk have been read: open the ring. */
    void openRing() {
        state = State.OPENING;
        ringOpen = true;
        ringId = export.service().openRing(new LoopSink(export.loop(), this));
    }

    /** The ring is open. */
    void startServing(RingPort port) {
        if (state != State.OPENING) {
            return;
        }
        ByteBuf last = channel.alloc().buffer();
        serving = Serving.start(client, handshake, channel, intake, wire, port, last);
        state = State.SERVING;
        wire.send(last);
        LOG.debug("{} opened {} as ring {}", channel, export.name(), ringId);
        resume();
    }

    /** The ring has come to its end, or was refused. */
    void ringClosed(String reason) {
        ringOpen = false;
        if (state == State.OPENING) {
            backToHandshake(reason);
        } else if (state != State.CLOSED) {
            LOG.info("{} is closed: ring of {} has ended: {}", channel, export.name(), reason);
            end(false);
            wire.closeAfterFlush(server.settings().shutdownTimeout());
        }
    }

    private void backToHandshake(String reason) {
        LOG.info("{} gets no ring of {}: {}", channel, export.name(), reason);
        ByteBuf reply = channel.alloc().buffer();
        Handshake.Verdict verdict = handshake.refused(reason, reply);
        wire.send(reply);
        if (verdict == Handshake.Verdict.CLOSE) {
            end(true);
            return;
        }
        state = State.CLOSED;
        leaveDisk();
        channel.pipeline().replace(this, "handshake", new HandshakeHandler(client, handshake));
        channel.config().setAutoRead(true);
        intake.giveHeld(channel.pipeline()::fireChannelRead);
    }

    // --- socket to ring ---

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        wire.attach(ctx);
    }

    private @Nullable Transmission transmission() {
        Serving present = serving;
        return present == null ? null : present.transmission();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (serving != null) {
            serving.moved();
        }
        note(intake.take((ByteBuf) message));
        if (intake.overfull()) {
            LOG.info("{} is closed: {} bytes of it wait for room", channel, intake.heldBytes());
            end(true);
        }
    }

    private void note(Transmission.Progress progress) {
        switch (progress) {
            case MORE -> {}
            // At once, so that the present turn reads no further.
            case BLOCKED -> updateReading();
            case END -> {
                state = State.FINISHING;
                intake.stop();
            }
            case DISCONNECT -> {
                Transmission present = transmission();
                LOG.info("{} is closed: {}", channel, present == null ? "" : present.problem());
                server.counters().protocolViolated();
                end(true);
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        endTurn();
    }

    private void endTurn() {
        Transmission present = transmission();
        if (present == null || state == State.CLOSED) {
            return;
        }
        present.endTurn();
        closeWhenFinished();
        updateReading();
    }

    /** Looks again at what could not go on, now that there is room. */
    private void resume() {
        if (state == State.SERVING) {
            note(intake.resume());
            endTurn();
        }
    }

    private void resumeSoon() {
        if (intake.blocked() && !resumeScheduled && state == State.SERVING) {
            resumeScheduled = true;
            channel.eventLoop()
                    .execute(
                            () -> {
                                resumeScheduled = false;
                                if (intake.blocked()) {
                                    resume();
                                }
                            });
        }
    }

    private void updateReading() {
        boolean reading =
                (state == State.SERVING && intake.ready()) || (settling && state != State.CLOSED);
        if (channel.config().isAutoRead() != reading) {
            channel.config().setAutoRead(reading);
        }
    }

    // --- ring to socket ---

    /** Requests came back from the ring. */
    void reply(List<BlockRequest> requests) {
        Transmission present = transmission();
        if (present == null) {
            throw new IllegalStateException("requests came back from a ring that was never open");
        }
        if (state == State.CLOSED) {
            present.discard(requests);
            return;
        }
        present.completed(requests);
        if (state == State.FINISHING && !present.inRing()) {
            // Its replies may wait for its peer as long as they like; others do not.
            if (connections != null) {
                connections.finished();
            }
        }
        if (intake.blocked() && state == State.SERVING) {
            resume();
        } else {
            endTurn();
        }
    }

    private void sent(int replies) {
        if (serving != null) {
            serving.sent(replies);
        }
        resumeSoon();
        closeWhenFinished();
    }

    // --- the end ---

    /** True while it reads no more and has requests in its ring. */
    boolean finishing() {
        Transmission present = transmission();
        return state == State.FINISHING && present != null && present.inRing();
    }

    boolean isAt(RingService disk) {
        return export.service() == disk;
    }

    /** The disk is taken away: the end, whatever is in flight. Any thread. */
    void disconnect() {
        export.loop()
                .execute(
                        () -> {
                            // One that moves finds out when it arrives.
                            if (state != State.MOVING) {
                                LOG.info("{} is closed: {} is taken away", channel, export.name());
                                end(true);
                            }
                        });
    }

    /** The server goes down: what is in flight is finished, what comes later gets ESHUTDOWN. Any thread. */
    void shutDown() {
        export.loop().execute(this::shutDownOnLoop);
    }

    private void shutDownOnLoop() {
        Transmission present = transmission();
        if (present != null) {
            closeWhenFinished();
        } else if (state != State.MOVING) {
            // One that moves finds out by itself when it arrives.
            end(true);
        }
    }

    private void closeWhenFinished() {
        boolean over =
                state == State.FINISHING || (state == State.SERVING && server.shuttingDown());
        Transmission present = transmission();
        if (over && present != null && present.idle()) {
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
        if (serving != null) {
            serving.abandon();
        }
        client.receive().redirect(null);
        intake.stop();
        wire.close();
        if (ringOpen) {
            ringOpen = false;
            export.service().closeRing(ringId);
        }
        leaveDisk();
        if (closeChannel) {
            var unused = channel.close();
        }
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
        ArrivedBytes.Outcome outcome =
                ArrivedBytes.read(channel, intake, Serving.isEncrypted(channel));
        if (outcome == ArrivedBytes.Outcome.GONE && state != State.FINISHING) {
            LOG.info(
                    "{} is closed: its peer is gone, as was found when another connection came; "
                            + "{} bytes of it waited for room",
                    channel,
                    intake.heldBytes());
            end(true);
        }
        return outcome != ArrivedBytes.Outcome.UNKNOWN;
    }

    /** Reads (and holds) in the ordinary way for a while, or no longer. */
    void settle(boolean on) {
        settling = on;
        updateReading();
    }
}
