package io.chainring.gateway.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries bytes between a channel and its {@link Handshake}, and does what the handshake says. */
final class HandshakeHandler extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(HandshakeHandler.class);
    private static final int MAX_LOGGED_CHARS = 160;

    private final Client client;
    private final ServerContext server;
    private final Handshake handshake;
    private final boolean greets;
    private ByteBuf input = Unpooled.EMPTY_BUFFER;
    private @Nullable ScheduledFuture<?> timeout;
    private boolean greeted;
    private boolean over;

    /** For a client that was just accepted. */
    HandshakeHandler(Client client) {
        this(
                client,
                new Handshake(
                        client.server().settings(),
                        client.server().exports(),
                        client.server()::shuttingDown),
                true);
    }

    /** For a client whose export could not be opened: goes on where it was. */
    HandshakeHandler(Client client, Handshake handshake) {
        this(client, handshake, false);
    }

    private HandshakeHandler(Client client, Handshake handshake, boolean greets) {
        this.client = client;
        this.server = client.server();
        this.handshake = handshake;
        this.greets = greets;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        client.place().handshakeAgain();
        input = ctx.alloc().buffer();
        timeout =
                ctx.channel()
                        .eventLoop()
                        .schedule(
                                () -> timedOut(ctx),
                                server.settings().handshakeTimeout().toMillis(),
                                TimeUnit.MILLISECONDS);
        if (ctx.channel().isActive() && greets) {
            greet(ctx);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        greet(ctx);
    }

    private void greet(ChannelHandlerContext ctx) {
        if (greets && !greeted) {
            greeted = true;
            ByteBuf greeting = ctx.alloc().buffer();
            handshake.greet(greeting);
            var unused = ctx.writeAndFlush(greeting, ctx.channel().voidPromise());
        }
    }

    private void timedOut(ChannelHandlerContext ctx) {
        if (!over) {
            LOG.info("{} is closed: no end of its handshake", ctx.channel());
            leave();
            var unused = ctx.close();
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

    private void advance(ChannelHandlerContext ctx) {
        ByteBuf output = ctx.alloc().buffer();
        Handshake.Verdict verdict = handshake.feed(input, output);
        if (verdict == Handshake.Verdict.START_TLS && input.isReadable()) {
            // Bytes sent in the clear must not be taken for encrypted ones.
            output.release();
            violated(ctx, "data behind STARTTLS");
            return;
        }
        var sent = ctx.writeAndFlush(output);
        switch (verdict) {
            case MORE -> ctx.channel().config().setAutoRead(ctx.channel().isWritable());
            case START_TLS -> startTls(ctx);
            case OPEN -> hand(ctx);
            case CLOSE -> {
                if (!handshake.problem().isEmpty()) {
                    LOG.info("{} is closed: {}", ctx.channel(), handshake.problem());
                    server.counters().protocolViolated();
                }
                leave();
                var unused = sent.addListener(ChannelFutureListener.CLOSE);
            }
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (!over) {
            ctx.channel().config().setAutoRead(ctx.channel().isWritable());
        }
    }

    private void startTls(ChannelHandlerContext ctx) {
        SslContext tls = server.tls();
        if (tls == null) {
            throw new IllegalStateException("TLS was accepted without a certificate");
        }
        SslHandler encryption = tls.newHandler(ctx.alloc());
        encryption.setHandshakeTimeoutMillis(server.settings().handshakeTimeout().toMillis());
        ctx.pipeline().addFirst("tls", encryption);
        handshake.tlsStarted();
    }

    private void hand(ChannelHandlerContext ctx) {
        Channel channel = ctx.channel();
        ByteBuf early = input;
        input = Unpooled.EMPTY_BUFFER;
        leave();
        DiskConnection connection = new DiskConnection(client, handshake, channel);
        ctx.pipeline().replace(this, "disk", connection);
        connection.takeOver(early);
    }

    private void violated(ChannelHandlerContext ctx, String problem) {
        LOG.info("{} is closed: {}", ctx.channel(), problem);
        server.counters().protocolViolated();
        leave();
        var unused = ctx.close();
    }

    private void leave() {
        over = true;
        if (timeout != null) {
            timeout.cancel(false);
        }
        input.release();
        input = Unpooled.EMPTY_BUFFER;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!over) {
            leave();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!over) {
            LOG.info("{} is closed: {}", ctx.channel(), brief(cause));
            LOG.debug("its failure", cause);
            leave();
        }
        var unused = ctx.close();
    }

    /** What went wrong in one short line: some messages quote what the client sent. */
    private static String brief(Throwable cause) {
        String text = String.valueOf(cause.getMessage());
        return text.length() <= MAX_LOGGED_CHARS ? text : text.substring(0, MAX_LOGGED_CHARS);
    }
}
