package io.chainring.gateway.nbd.connection;

import io.chainring.base.text.Printable;
import io.chainring.gateway.nbd.listen.Accepting;
import io.chainring.gateway.nbd.places.Places;
import io.chainring.gateway.nbd.places.Source;
import io.chainring.gateway.nbd.setup.Crowding;
import io.chainring.gateway.nbd.setup.NbdSettings;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.socket.SocketChannel;
import org.jspecify.annotations.Nullable;

/** Gives each client that a listener accepts its place and its loop; others wait in the listen backlog (I10). */
public final class AcceptGate implements Accepting.Taker {
    private final ServerContext server;
    private final EventLoopGroup loops;
    private final ChannelGroup clients;

    /**
     * @param loops where clients are served
     * @param clients gets all that are accepted
     */
    public AcceptGate(ServerContext server, EventLoopGroup loops, ChannelGroup clients) {
        this.server = server;
        this.loops = loops;
        this.clients = clients;
    }

    @Override
    public boolean mayAccept(Runnable whenRoom) {
        return !server.shuttingDown() && server.places().mayAccept(whenRoom);
    }

    @Override
    public void paused() {
        server.counters().crowded(Crowding.ACCEPT_PAUSED);
    }

    @Override
    public void accepted(ChannelHandlerContext listener, Channel client) {
        Places.@Nullable Place place = server.places().arrive(Source.of(client));
        if (place == null) {
            client.unsafe().closeForcibly();
            return;
        }
        server.counters().connectionOpened();
        try {
            prepare(client, place);
        } catch (RuntimeException e) {
            // It is on no loop yet, so its close is heard by nobody.
            server.log()
                    .info(
                            place.source(),
                            "{} cannot be served: {}",
                            Printable.line(client),
                            Printable.line(e));
            client.unsafe().closeForcibly();
            leave(place);
            return;
        }
        client.closeFuture().addListener(closed -> leave(place));
        clients.add(client);
        loops.register(client)
                .addListener(
                        registered -> {
                            if (!registered.isSuccess()) {
                                server.log()
                                        .debug(
                                                place.source(),
                                                "{} cannot be served",
                                                Printable.line(client),
                                                registered.cause());
                                client.unsafe().closeForcibly();
                                leave(place);
                            }
                        });
    }

    private void leave(Places.Place place) {
        if (place.leave()) {
            server.counters().connectionClosed();
        }
    }

    private void prepare(Channel client, Places.Place place) {
        NbdSettings settings = server.settings();
        ConnectionReceive receive = new ConnectionReceive();
        client.config().setRecvByteBufAllocator(receive);
        client.config().setAllocator(server.buffers());
        if (client instanceof SocketChannel tcp) {
            tcp.config().setTcpNoDelay(true);
            tcp.config().setKeepAlive(true);
        }
        if (client instanceof EpollSocketChannel tcp) {
            tcp.config()
                    .setOption(EpollChannelOption.TCP_KEEPIDLE, settings.keepAliveIdleSeconds());
            tcp.config()
                    .setOption(
                            EpollChannelOption.TCP_KEEPINTVL, settings.keepAliveIntervalSeconds());
            tcp.config().setOption(EpollChannelOption.TCP_KEEPCNT, settings.keepAliveProbes());
            tcp.config()
                    .setOption(
                            EpollChannelOption.TCP_USER_TIMEOUT, settings.tcpUserTimeoutMillis());
        }
        new Connection(server, place, receive, client).begin();
    }
}
