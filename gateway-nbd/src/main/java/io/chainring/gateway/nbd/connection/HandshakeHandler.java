package io.chainring.gateway.nbd.connection;

import io.chainring.base.log.RateLimitedLog;
import io.chainring.base.text.Printable;
import io.chainring.gateway.nbd.access.ClientIdentity;
import io.chainring.gateway.nbd.connection.ConnectionCore.Input;
import io.chainring.gateway.nbd.handshake.Handshake;
import io.chainring.gateway.nbd.places.Admission;
import io.chainring.gateway.nbd.places.Places;
import io.chainring.gateway.nbd.tls.Encryption;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/** Carries bytes between a channel and its {@link Handshake}, and tells the connection what came of them. */
final class HandshakeHandler extends ChannelInboundHandlerAdapter {
    private static final RateLimitedLog LOG =
            new RateLimitedLog(LoggerFactory.getLogger(HandshakeHandler.class));
    private static final int MAX_LOGGED_CHARS = 160;

    private final ServerContext server;
    private final Handshake handshake;
    private final Places.Place place;
    private final Consumer<Input> connection;
    private final Supplier<FirstBytes> beforeTls;
    private final Consumer<ClientIdentity> identified;
    private boolean greets;
    private ByteBuf input = Unpooled.EMPTY_BUFFER;
    private boolean over;
    private boolean replying;

    /**
     * @param place of its connection
     * @param identified hears who the client is, before anything encrypted is taken from it
     * @param greets for a client that was just accepted; else the handshake goes on where it was
     * @param beforeTls makes what waits for the first bytes of TLS
     */
    HandshakeHandler(
            ServerContext server,
            Handshake handshake,
            Places.Place place,
            Consumer<Input> connection,
            Consumer<ClientIdentity> identified,
            boolean greets,
            Supplier<FirstBytes> beforeTls) {
        this.server = server;
        this.place = place;
        this.beforeTls = beforeTls;
        this.handshake = handshake;
        this.connection = connection;
        this.identified = identified;
        this.greets = greets;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        input = ctx.alloc().buffer();
        if (greets) {
            connection.accept(Input.ACCEPTED);
        }
        if (ctx.channel().isActive()) {
            greet(ctx);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        leave();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        greet(ctx);
    }

    private void greet(ChannelHandlerContext ctx) {
        if (greets) {
            greets = false;
            ByteBuf greeting = ctx.alloc().buffer();
            handshake.greet(greeting);
            var unused = ctx.writeAndFlush(greeting, ctx.channel().voidPromise());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf arrived = (ByteBuf) message;
        try {
            if (over) {
                return;
            }
            input.discardReadBytes();
            input.writeBytes(arrived);
        } finally {
            arrived.release();
        }
        advance(ctx);
    }

    /** Options are taken when the replies to those before have left: who does not read them is read no further (I10). */
    private void advance(ChannelHandlerContext ctx) {
        if (replying) {
            return;
        }
        ByteBuf output = ctx.alloc().buffer();
        Handshake.Verdict verdict = handshake.feed(input, output);
        if (verdict == Handshake.Verdict.START_TLS && input.isReadable()) {
            // Bytes sent in the clear must not be taken for encrypted ones.
            output.release();
            LOG.info(place.source(), "{} is closed: data behind STARTTLS", peer(ctx));
            leave();
            connection.accept(Input.VIOLATED);
            return;
        }
        switch (verdict) {
            case MORE -> reply(ctx, output);
            case START_TLS -> {
                send(ctx, output);
                startTls(ctx);
            }
            case OPEN -> {
                send(ctx, output);
                connection.accept(Input.CHOSEN);
            }
            case CLOSE -> {
                send(ctx, output);
                if (!handshake.problem().isEmpty()) {
                    LOG.info(place.source(), "{} is closed: {}", peer(ctx), handshake.problem());
                    server.counters().protocolViolated();
                }
                leave();
                connection.accept(Input.HANDSHAKE_OVER);
            }
        }
    }

    private static void send(ChannelHandlerContext ctx, ByteBuf output) {
        var unused = ctx.writeAndFlush(output, ctx.channel().voidPromise());
    }

    private void reply(ChannelHandlerContext ctx, ByteBuf output) {
        if (!output.isReadable()) {
            output.release();
            return;
        }
        replying = true;
        ctx.channel().config().setAutoRead(false);
        var unused =
                ctx.writeAndFlush(output)
                        .addListener(
                                sent -> {
                                    replying = false;
                                    if (sent.isSuccess() && !over) {
                                        ctx.channel().config().setAutoRead(true);
                                        advance(ctx);
                                    }
                                });
    }

    private void startTls(ChannelHandlerContext ctx) {
        Encryption encryption = server.encryption();
        if (encryption == null) {
            throw new IllegalStateException("TLS was accepted without a certificate or keys");
        }
        encryption.start(ctx, place.source(), server.settings().handshakeTimeout());
        ctx.pipeline().addFirst("first-bytes", beforeTls.get());
        handshake.tlsStarted();
    }

    /** A client with a good certificate or key takes a place of those that have it. */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent completed && completed.isSuccess()) {
            ClientIdentity client = Encryption.finish(ctx);
            identified.accept(client);
            if (!over
                    && !client.anonymous()
                    && place.identified(client.key()) != Admission.ADMITTED) {
                leave();
                connection.accept(Input.FAILED);
            }
        }
        if (event == ServerEnd.NEAR && !over) {
            leave();
            connection.accept(Input.HANDSHAKE_OVER);
        }
        ctx.fireUserEventTriggered(event);
    }

    /** Hands over what arrived behind the choice of the disk; nothing more is taken. */
    ByteBuf takeRest() {
        ByteBuf rest = input;
        input = Unpooled.EMPTY_BUFFER;
        over = true;
        return rest;
    }

    private void leave() {
        takeRest().release();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        leave();
        connection.accept(Input.PEER_GONE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!over) {
            LOG.info(place.source(), "{} is closed: {}", peer(ctx), brief(cause));
            LOG.debug(place.source(), "its failure", cause);
        }
        leave();
        connection.accept(Input.FAILED);
        var unused = ctx.close();
    }

    private static String peer(ChannelHandlerContext ctx) {
        return Printable.line(ctx.channel());
    }

    /** What went wrong in one short line: some messages quote what the client sent. */
    private static String brief(Throwable cause) {
        return Printable.cut(cause.getMessage(), MAX_LOGGED_CHARS);
    }
}
