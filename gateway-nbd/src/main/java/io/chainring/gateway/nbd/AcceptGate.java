package io.chainring.gateway.nbd;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts one client at a time on a listener and only while there is room for it; others wait in the listen backlog
 * (I10). The listener's auto-read is off: each accept is asked for here.
 */
final class AcceptGate extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(AcceptGate.class);
    private static final long RETRY_MILLIS = 200;

    private final ServerContext server;
    private final EventLoopGroup loops;
    private final ClientSetup setup;
    private boolean accepted;

    /** Configures and equips the channel of a new client. */
    interface ClientSetup {
        void prepare(Channel client, ConnectionLimits.Place place);
    }

    AcceptGate(ServerContext server, EventLoopGroup loops, ClientSetup setup) {
        this.server = server;
        this.loops = loops;
        this.setup = setup;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        acceptNext(ctx);
    }

    private void acceptNext(ChannelHandlerContext ctx) {
        if (server.shuttingDown() || !ctx.channel().isActive()) {
            return;
        }
        if (server.limits()
                .mayAccept(() -> ctx.channel().eventLoop().execute(() -> acceptNext(ctx)))) {
            ctx.read();
        } else {
            LOG.warn(
                    "{} connections: {} accepts no more until one leaves (chainring.nbd.max-connections, "
                            + "max-handshaking-connections)",
                    server.limits().connections(),
                    ctx.channel());
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        accepted = true;
        Channel client = (Channel) message;
        ConnectionLimits.Place place = server.limits().take();
        server.counters().connectionOpened();
        client.closeFuture()
                .addListener(
                        closed -> {
                            server.counters().connectionClosed();
                            place.leave();
                        });
        setup.prepare(client, place);
        loops.register(client)
                .addListener(
                        registered -> {
                            if (!registered.isSuccess()) {
                                LOG.debug("{} cannot be served", client, registered.cause());
                                client.unsafe().closeForcibly();
                            }
                        });
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (accepted) {
            accepted = false;
            acceptNext(ctx);
        } else {
            // Accepting failed, for want of file descriptors for instance: not again at once.
            var unused =
                    ctx.channel()
                            .eventLoop()
                            .schedule(() -> acceptNext(ctx), RETRY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.warn("{} cannot accept a client: {}", ctx.channel(), cause.getMessage());
    }
}
