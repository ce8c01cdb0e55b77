package io.chainring.gateway.nbd.connection;

import io.chainring.base.log.RateLimitedLog;
import io.chainring.base.text.Printable;
import io.chainring.gateway.nbd.access.ClientIdentity;
import io.chainring.gateway.nbd.access.PermittedExports;
import io.chainring.gateway.nbd.connection.ConnectionCore.Effect;
import io.chainring.gateway.nbd.connection.ConnectionCore.Input;
import io.chainring.gateway.nbd.connection.ConnectionCore.State;
import io.chainring.gateway.nbd.handshake.Handshake;
import io.chainring.gateway.nbd.places.Admission;
import io.chainring.gateway.nbd.places.Places;
import io.chainring.gateway.nbd.setup.NbdExport;
import io.chainring.gateway.nbd.tls.Encryption;
import io.chainring.gateway.nbd.transmission.RequestIntake;
import io.chainring.ring.frontend.RingPort;
import io.chainring.ring.supervise.RingService;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * One connection: brings what happens to its {@link ConnectionCore} and carries out what that decides. The bytes are
 * with one of two handlers in the channel's pipeline: {@link HandshakeHandler}, or from the choice of a disk on {@link
 * RequestHandler}.
 *
 * <p>On the channel's loop, which from its arrival on is the disk's; {@link LoopSink} brings the ring's calls there.
 */
final class Connection implements DiskClient {
    private static final RateLimitedLog LOG =
            new RateLimitedLog(LoggerFactory.getLogger(Connection.class));

    private final ServerContext server;
    private final Places.Place place;
    private final ConnectionReceive receive;
    private final Channel channel;
    private final PermittedExports exports;
    private final Handshake handshake;
    private final ConnectionCore core = new ConnectionCore();
    private @Nullable ScheduledFuture<?> watch;
    private @Nullable DiskTurns turns;
    private @Nullable RequestHandler requests;
    private @Nullable RingPort port;
    private long ringId = -1;
    private String refusal = "";
    private Handshake.Verdict afterRefusal = Handshake.Verdict.MORE;

    /** Set on the channel's loop when TLS is there. */
    private volatile ClientIdentity client = ClientIdentity.ANONYMOUS;

    /** Where it goes, or was last; set before others may ask. */
    private volatile @Nullable NbdExport export;

    /** Written on the loop of the disk that it is at; what other threads ask of a connection begins there. */
    private boolean atDisk;

    /** For its place. */
    private volatile boolean asked;

    Connection(
            ServerContext server, Places.Place place, ConnectionReceive receive, Channel channel) {
        this.server = server;
        this.place = place;
        this.receive = receive;
        this.channel = channel;
        this.exports = server.exports(channel, this::client);
        this.handshake =
                new Handshake(
                        server.settings(), server.tlsMode(channel), exports, server::shuttingDown);
    }

    /** Equips the channel; the rest follows from what happens on it. */
    void begin() {
        channel.pipeline()
                .addLast("first-bytes", firstBytes(FirstBytes.FLAGS_BYTES, place::heard))
                .addLast("handshake", handshakeHandler(true));
    }

    private HandshakeHandler handshakeHandler(boolean greets) {
        return new HandshakeHandler(
                server,
                handshake,
                place,
                this::apply,
                proved -> client = proved,
                greets,
                () -> firstBytes(FirstBytes.CLIENT_HELLO_BYTES, () -> {}));
    }

    private FirstBytes firstBytes(int bytes, Runnable heard) {
        Duration timeout = server.settings().firstByteTimeout();
        return new FirstBytes(
                timeout,
                bytes,
                heard,
                () -> {
                    LOG.info(
                            source(),
                            "{} is closed: it said nothing for {} ms (first-byte-timeout)",
                            peer(),
                            timeout.toMillis());
                    apply(Input.LATE);
                });
    }

    /** Who the client has proved to be so far. */
    ClientIdentity client() {
        return client;
    }

    private void apply(Input input) {
        core.apply(input).forEach(this::perform);
    }

    private void perform(Effect effect) {
        switch (effect) {
            case TAKE_PLACE -> place.handshakeAgain();
            case GIVE_PLACE_BACK -> place.handshakeDone();
            case WATCH_HANDSHAKE -> {
                watch(server.settings().handshakeTimeout());
                if (!place.onGiveWay(this::giveWay)) {
                    giveWay();
                }
            }
            case WATCH_OPENING -> watch(server.settings().openingTimeout());
            case STOP_WATCH -> stopWatch();
            case JOIN_DISK -> {
                export = handshake.export();
                server.chosen(this);
            }
            case LEAVE_DISK -> leaveDisk();
            case MOVE -> move();
            case ASK_TURN -> askTurn();
            case OPEN_RING -> askForRing();
            case CLOSE_RING -> export().service().closeRing(ringId);
            case GIVE_RING_BACK -> port().close();
            case SERVE -> serve();
            case FINISH -> {
                requests().finish();
                turn(DiskTurnsCore.Input.FINISHING);
            }
            case FINISHED -> turn(DiskTurnsCore.Input.FINISHED);
            case REFUSE -> refuse();
            case HAGGLE -> haggle();
            case COUNT_VIOLATION -> server.counters().protocolViolated();
            case DROP -> drop();
            case CLOSE_CHANNEL -> closeChannel();
            case CLOSE_WHEN_SENT -> closeWhenSent();
        }
    }

    private NbdExport export() {
        NbdExport present = export;
        if (present == null) {
            throw new IllegalStateException("no disk was chosen");
        }
        return present;
    }

    private RequestHandler requests() {
        RequestHandler present = requests;
        if (present == null) {
            throw new IllegalStateException("no disk was chosen");
        }
        return present;
    }

    private RingPort port() {
        RingPort present = port;
        if (present == null) {
            throw new IllegalStateException("no ring was opened");
        }
        return present;
    }

    // --- time ---

    private void watch(Duration time) {
        watch = channel.eventLoop().schedule(this::late, time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void stopWatch() {
        ScheduledFuture<?> present = watch;
        if (present != null) {
            present.cancel(false);
        }
    }

    private void late() {
        refusal =
                core.is(State.HANDSHAKING)
                        ? "no end of its handshake"
                        : export().name()
                                + " was not open after "
                                + server.settings().openingTimeout().toMillis()
                                + " ms";
        LOG.info(source(), "{} is closed: {}", peer(), Printable.line(refusal));
        apply(Input.LATE);
    }

    /** Others need the place; on any thread. A channel that moves gives way where it arrives. */
    private void giveWay() {
        asked = true;
        EventLoop loop = channel.eventLoop();
        loop.execute(
                () -> {
                    // In this order: while it has not arrived elsewhere its state is this loop's to
                    // look at.
                    boolean moves = core.is(State.MOVING);
                    if (channel.eventLoop() != loop) {
                        giveWay();
                    } else if (core.is(State.CLOSED)) {
                        // It is only taking its leave.
                        closeChannel();
                    } else if (!moves) {
                        apply(Input.FAILED);
                    }
                });
    }

    private String source() {
        return place.source();
    }

    /** The connection as it is named in the log; the path of a unix client is of its own making. */
    private String peer() {
        return Printable.line(channel);
    }

    // --- to the disk ---

    private void move() {
        RequestHandler taking = new RequestHandler(server, place, channel, core, this::apply);
        requests = taking;
        HandshakeHandler haggling = channel.pipeline().get(HandshakeHandler.class);
        taking.hold(haggling.takeRest());
        channel.pipeline().replace(haggling, "disk", taking);
        channel.config().setAutoRead(false);
        LoopMove.move(
                channel,
                export().loop(),
                this::arrived,
                cause -> {
                    LOG.debug(source(), "{} cannot move", peer(), cause);
                    apply(Input.FAILED);
                });
    }

    private void arrived() {
        atDisk = true;
        if (server.shuttingDown()) {
            shutDownHere();
        }
        apply(channel.isActive() ? Input.ARRIVED : Input.PEER_GONE);
        if (asked) {
            apply(Input.FAILED);
        }
        leaveIfForbidden();
    }

    private void askTurn() {
        turns = server.turnsAt(export());
        turn(DiskTurnsCore.Input.ASKED);
    }

    private void turn(DiskTurnsCore.Input input) {
        if (turns != null) {
            turns.apply(input, this);
        }
    }

    private void leaveDisk() {
        atDisk = false;
        turn(DiskTurnsCore.Input.LEFT);
        turns = null;
        server.gone(this);
    }

    // --- the ring ---

    @Override
    public void openRing() {
        apply(Input.TURN);
    }

    private void askForRing() {
        NbdExport disk = export();
        Admission admission = place.atDisk(disk.service());
        if (admission != Admission.ADMITTED) {
            ringClosed(
                    admission == Admission.GONE
                            ? "this connection has to give way to others"
                            : "its clients have their share of this server's connections"
                                    + " (max-share-per-disk)");
            return;
        }
        try {
            ringId = disk.service().openRing(new LoopSink(disk.loop(), this, requests()));
        } catch (RuntimeException e) {
            LOG.warn(source(), "{} cannot be asked for a ring", disk.name(), e);
            ringClosed("it cannot be asked for a ring");
        }
    }

    /** The ring is open. */
    void ringOpened(RingPort opened) {
        port = opened;
        apply(Input.RING_OPENED);
    }

    /** The ring has come to its end, or was refused. */
    void ringClosed(String reason) {
        if (core.is(State.OPENING)) {
            LOG.info(source(), "{} gets no ring of {}: {}", peer(), export().name(), reason);
        } else if (!core.is(State.CLOSED)) {
            LOG.info(
                    source(),
                    "{} is closed: ring of {} has ended: {}",
                    peer(),
                    export().name(),
                    reason);
        }
        refusal = reason;
        apply(Input.RING_CLOSED);
    }

    private void serve() {
        LOG.debug(source(), "{} opened {} as ring {}", peer(), export().name(), ringId);
        requests().serve(handshake, port(), receive);
    }

    private void refuse() {
        ByteBuf reply = channel.alloc().buffer();
        afterRefusal = handshake.refused(refusal, reply);
        var unused = channel.writeAndFlush(reply, channel.voidPromise());
    }

    private void haggle() {
        if (afterRefusal == Handshake.Verdict.CLOSE) {
            apply(Input.HANDSHAKE_OVER);
            return;
        }
        RequestHandler held = requests();
        channel.pipeline().replace(held, "handshake", handshakeHandler(false));
        requests = null;
        channel.config().setAutoRead(true);
        // What is held is decrypted already.
        ChannelHandlerContext tls = Encryption.of(channel.pipeline());
        held.giveHeld(tls == null ? channel.pipeline()::fireChannelRead : tls::fireChannelRead);
    }

    // --- the end ---

    @Override
    public boolean isAt(RingService disk) {
        return export().service() == disk;
    }

    @Override
    public void disconnect(RingService disk) {
        onLoopOfDisk(
                () -> {
                    if (isAt(disk)) {
                        LOG.info(
                                source(),
                                "{} is closed: {} is taken away",
                                peer(),
                                export().name());
                        apply(Input.TAKEN_AWAY);
                    }
                });
    }

    @Override
    public void accessChanged() {
        onLoopOfDisk(this::leaveIfForbidden);
    }

    /** What a client opened under older rules it may not go on with against the present ones. */
    private void leaveIfForbidden() {
        if (!core.is(State.CLOSED) && !exports.stillPermits(export())) {
            LOG.info(source(), "{} is closed: it may not use {} any more", peer(), export().name());
            apply(Input.TAKEN_AWAY);
        }
    }

    @Override
    public void shutDown() {
        onLoopOfDisk(
                () -> {
                    shutDownHere();
                    requests().closeWhenFinished();
                });
    }

    private void shutDownHere() {
        refusal = "the server is shutting down";
        apply(Input.SHUT_DOWN);
    }

    /** One that moves, to this disk or on to another one after a refusal, finds out by itself when it arrives. */
    private void onLoopOfDisk(Runnable action) {
        export().loop()
                .execute(
                        () -> {
                            if (channel.eventLoop().inEventLoop() && atDisk) {
                                action.run();
                            }
                        });
    }

    private void drop() {
        receive.redirect(null);
        if (requests != null) {
            requests.drop();
        }
    }

    private void closeChannel() {
        var unused = channel.close();
    }

    private void closeWhenSent() {
        receive.redirect(RequestIntake::temporaryBuffer);
        Farewell.begin(channel, server.settings().shutdownTimeout());
    }

    // --- invariant I9 ---

    @Override
    public boolean readArrived() {
        return requests().readArrived();
    }

    @Override
    public void failed(Throwable cause) {
        LOG.warn(source(), "{} is closed: a step of it has failed", peer(), cause);
        apply(Input.FAILED);
    }

    @Override
    public void settle(boolean on) {
        requests().settle(on);
    }
}
