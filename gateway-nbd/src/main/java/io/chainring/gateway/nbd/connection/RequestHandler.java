package io.chainring.gateway.nbd.connection;

import io.chainring.base.log.RateLimitedLog;
import io.chainring.base.text.Printable;
import io.chainring.gateway.nbd.connection.ConnectionCore.Input;
import io.chainring.gateway.nbd.connection.ConnectionCore.State;
import io.chainring.gateway.nbd.handshake.Handshake;
import io.chainring.gateway.nbd.places.Places;
import io.chainring.gateway.nbd.setup.NbdSettings;
import io.chainring.gateway.nbd.tls.Encryption;
import io.chainring.gateway.nbd.transmission.RequestIntake;
import io.chainring.gateway.nbd.transmission.Transmission;
import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.RingPort;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.UnixChannel;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Carries bytes between a channel and the {@link Transmission} of its connection, from the choice of a disk on: before
 * the ring is open they are held. All that it decides is when to read and when to write: reading is held back when there
 * is no room in the ring, in its payload memory, or for unsent replies (I10).
 */
final class RequestHandler extends ChannelInboundHandlerAdapter {
    private static final RateLimitedLog LOG =
            new RateLimitedLog(LoggerFactory.getLogger(RequestHandler.class));

    private final ServerContext server;
    private final Places.Place place;
    private final Channel channel;
    private final ConnectionCore life;
    private final Consumer<Input> connection;
    private final RequestIntake intake;
    private final SocketWire wire;
    private @Nullable Transmission transmission;
    private @Nullable IdleWatch idleWatch;
    private boolean settling;
    private boolean resumeScheduled;

    /**
     * @param place of its connection
     * @param life the connection's, to be looked at
     * @param connection told what happens
     */
    RequestHandler(
            ServerContext server,
            Places.Place place,
            Channel channel,
            ConnectionCore life,
            Consumer<Input> connection) {
        this.server = server;
        this.place = place;
        this.channel = channel;
        this.life = life;
        this.connection = connection;
        this.intake = new RequestIntake(server.settings().maxHeldBytes(), server.held());
        this.wire = new SocketWire(channel, this::sent, this::resumeSoon);
    }

    /** Keeps bytes that arrived before; taken over. */
    void hold(ByteBuf early) {
        var unused = intake.take(early, channel.alloc());
    }

    /** The ring is open: ends the handshake, and takes what is held and what comes as requests. */
    void serve(Handshake handshake, RingPort port, ConnectionReceive receive) {
        NbdSettings settings = server.settings();
        Transmission requests =
                new Transmission(
                        handshake.export(),
                        port,
                        handshake,
                        settings,
                        server.counters(),
                        channel.alloc(),
                        wire,
                        server::shuttingDown);
        ByteBuf last = channel.alloc().buffer();
        handshake.opened(port.capacityBytes(), settings.maxPayloadBytes(), last);
        intake.start(requests, settings.receiveBufferBytes());
        receive.redirect(encrypted() ? RequestIntake::temporaryBuffer : intake::nextBuffer);
        idleWatch = IdleWatch.start(settings, channel, requests, place);
        transmission = requests;
        var unused = channel.writeAndFlush(last, channel.voidPromise());
        resume();
    }

    /** Whether what is read is not yet the stream itself. */
    private boolean encrypted() {
        return Encryption.of(channel.pipeline()) != null;
    }

    // --- socket to ring ---

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        wire.attach(ctx, encrypted());
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        wire.goOn();
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (idleWatch != null) {
            idleWatch.moved();
        }
        note(intake.take((ByteBuf) message, channel.alloc()));
        if (settling && intake.full()) {
            updateReading();
        }
    }

    private void note(Transmission.Progress progress) {
        switch (progress) {
            case MORE -> {}
            // At once, so that the present turn reads no further.
            case BLOCKED -> updateReading();
            case END -> connection.accept(Input.GOODBYE);
            case DISCONNECT -> {
                Transmission present = transmission;
                LOG.info(
                        source(),
                        "{} is closed: {}",
                        Printable.line(channel),
                        present == null ? "" : Printable.line(present.problem()));
                connection.accept(Input.VIOLATED);
            }
            case FAILED -> {
                Transmission present = transmission;
                LOG.warn(
                        source(),
                        "{} is closed: {}",
                        Printable.line(channel),
                        present == null ? "" : Printable.line(present.problem()));
                connection.accept(Input.FAILED);
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        endTurn();
    }

    private void endTurn() {
        Transmission present = transmission;
        if (present == null || life.is(State.CLOSED)) {
            return;
        }
        present.endTurn();
        closeWhenFinished();
        updateReading();
    }

    /** Looks again at what could not go on, now that there is room. */
    private void resume() {
        if (life.is(State.SERVING)) {
            try {
                note(intake.resume());
                endTurn();
            } catch (RuntimeException | OutOfMemoryError e) {
                failed(e);
            }
        }
    }

    private void resumeSoon() {
        if (intake.blocked() && !resumeScheduled && life.is(State.SERVING)) {
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
                (life.is(State.SERVING) && intake.ready())
                        || (settling && !intake.full() && !life.is(State.CLOSED));
        if (channel.config().isAutoRead() != reading) {
            channel.config().setAutoRead(reading);
        }
    }

    // --- ring to socket ---

    /** Requests came back from the ring. */
    void reply(List<BlockRequest> requests) {
        Transmission present = transmission;
        if (present == null) {
            throw new IllegalStateException("requests came back from a ring that was never open");
        }
        if (life.is(State.CLOSED)) {
            present.discard(requests);
            return;
        }
        try {
            present.completed(requests);
            if (intake.blocked() && life.is(State.SERVING)) {
                resume();
            } else {
                endTurn();
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            failed(e);
        }
    }

    private void sent(int replies) {
        if (transmission != null) {
            transmission.sent(replies);
        }
        if (idleWatch != null) {
            idleWatch.moved();
        }
        resumeSoon();
        closeWhenFinished();
    }

    // --- the end ---

    /** Tells the connection when it has nothing to wait for any more. */
    void closeWhenFinished() {
        Transmission present = transmission;
        if (!life.draining() || present == null) {
            return;
        }
        if (!present.inRing()) {
            // Its replies may wait for its peer as long as they like; others do not.
            connection.accept(Input.RING_EMPTY);
        }
        if (present.idle() && !moreHasArrived()) {
            connection.accept(Input.DRAINED);
        }
    }

    /** Requests that came before the end get a reply. Behind DISC nothing counts. */
    private boolean moreHasArrived() {
        return life.is(State.SERVING)
                && (!intake.ready()
                        || (channel instanceof UnixChannel unix
                                && channel.isActive()
                                && PeerState.hasUnread(unix.fd().intValue())));
    }

    /** The server is about to be gone: the connection ends, whatever is under way. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ServerEnd.NEAR) {
            connection.accept(Input.TAKEN_AWAY);
        }
        ctx.fireUserEventTriggered(event);
    }

    /** Takes no more requests. */
    void finish() {
        intake.stop();
    }

    /** The end: what is not in the ring is forgotten. */
    void drop() {
        if (transmission != null) {
            transmission.abandon();
        }
        if (idleWatch != null) {
            idleWatch.stop();
        }
        intake.stop();
        wire.close();
    }

    /** Gives away what is held, piece by piece. */
    void giveHeld(Consumer<ByteBuf> taker) {
        intake.giveHeld(taker);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        wire.goOn();
        connection.accept(Input.PEER_GONE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        failed(cause);
    }

    /** Costs this connection alone, wherever it came up. */
    private void failed(Throwable cause) {
        if (cause instanceof IOException || cause instanceof DecoderException) {
            LOG.debug(source(), "{} failed", Printable.line(channel), cause);
        } else {
            LOG.warn(source(), "{} is closed: {}", Printable.line(channel), Printable.line(cause));
            LOG.debug(source(), "its failure of {}", Printable.line(channel), cause);
        }
        connection.accept(Input.FAILED);
    }

    private String source() {
        return place.source();
    }

    // --- invariant I9 ---

    /** As {@link DiskClient#readArrived}. */
    boolean readArrived() {
        if (life.is(State.FINISHING) || life.is(State.CLOSED)) {
            return true;
        }
        ArrivedBytes.Outcome outcome;
        try {
            outcome = ArrivedBytes.read(channel, intake, encrypted());
        } catch (RuntimeException e) {
            LOG.warn(source(), "{} is closed: it cannot be read", Printable.line(channel), e);
            connection.accept(Input.FAILED);
            return true;
        }
        if (outcome == ArrivedBytes.Outcome.GONE && !life.is(State.FINISHING)) {
            LOG.info(
                    source(),
                    "{} is closed: its peer is gone, as was found when another connection came; "
                            + "{} bytes of it waited for room",
                    Printable.line(channel),
                    intake.heldBytes());
            connection.accept(Input.PEER_GONE);
        }
        return outcome != ArrivedBytes.Outcome.UNKNOWN;
    }

    /** As {@link DiskClient#settle}. */
    void settle(boolean on) {
        settling = on;
        updateReading();
    }
}
