package io.chainring.gateway.nbd;

import io.chainring.ring.supervise.RingService;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves disks to NBD clients: fixed newstyle handshake, simple and structured replies, TCP and unix sockets, TLS.
 *
 * <p>One server has any number of listeners. A client that is accepted haggles on some loop of the group; once it has
 * chosen an export its channel moves to the loop of that disk and never leaves it ("a disk lives on one loop"). There
 * it is a frontend with a ring of its own, so clients may use several connections to one disk.
 *
 * <pre>
 * listener --accept--> HandshakeHandler --GO--> DiskConnection --openRing--> ring
 *  AcceptGate            Handshake                Transmission
 *                                                 DiskConnections (I9)
 * </pre>
 *
 * The group belongs to the caller and outlives the server.
 */
public final class NbdServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NbdServer.class);

    private final NbdSettings settings;
    private final ServerContext server;
    private final IoEventLoopGroup loops;
    private final boolean epoll;
    private final ChannelGroup clients =
            new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final List<Channel> listeners = new CopyOnWriteArrayList<>();
    private final List<Path> sockets = new CopyOnWriteArrayList<>();

    /**
     * @param settings limits, times and TLS
     * @param exports what is served; its disks' loops belong to the same group
     * @param loops where clients are served
     * @param counters hears what happens
     * @throws IllegalArgumentException when TLS is on and its files do not serve; one line that names them
     */
    public NbdServer(
            NbdSettings settings,
            ExportDirectory exports,
            IoEventLoopGroup loops,
            NbdCounters counters) {
        this.settings = settings;
        this.server = new ServerContext(settings, exports, counters, NbdTls.context(settings));
        this.loops = loops;
        this.epoll = loops.isIoType(EpollIoHandler.class);
    }

    /**
     * Listens on TCP.
     *
     * @param address port 0 takes any free port
     * @return the address with its port
     * @throws NbdBindException when the address cannot be had: in use, not of this machine, not allowed
     */
    public InetSocketAddress listen(InetSocketAddress address) throws NbdBindException {
        String name = address.getHostString() + ":" + address.getPort();
        if (address.isUnresolved()) {
            throw new NbdBindException(
                    "NBD cannot listen on " + name + ": the host name is unknown");
        }
        Class<? extends ServerChannel> type =
                epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        Channel listener = bind(type, address, name);
        LOG.info("NBD listens on {}", listener.localAddress());
        return (InetSocketAddress) listener.localAddress();
    }

    /**
     * Listens on a unix socket. A socket file that a killed server left is taken over.
     *
     * @throws NbdBindException when a living server has the path, or the file cannot be made there
     */
    public void listen(Path socket) throws NbdBindException {
        if (!epoll) {
            throw new NbdBindException(
                    "NBD cannot listen on " + socket + ": unix sockets need Linux's native epoll");
        }
        UnixSocketPath.takeOver(
                socket,
                () -> {
                    SocketAddress address = new DomainSocketAddress(socket.toFile());
                    Channel listener =
                            bind(EpollServerDomainSocketChannel.class, address, socket.toString());
                    sockets.add(socket);
                    LOG.info("NBD listens on {}", listener.localAddress());
                });
    }

    private Channel bind(Class<? extends ServerChannel> type, SocketAddress address, String name)
            throws NbdBindException {
        // The bootstrap's own acceptor sits behind the gate and never hears of a client.
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(loops)
                        .channel(type)
                        .option(ChannelOption.SO_BACKLOG, settings.listenBacklog())
                        .option(ChannelOption.AUTO_READ, false)
                        .handler(new AcceptGate(server, loops, this::prepare))
                        .childHandler(new io.netty.channel.ChannelInboundHandlerAdapter())
                        .bind(address)
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            Throwable cause = bound.cause();
            throw new NbdBindException(
                    "NBD cannot listen on " + name + ": " + reason(cause), cause);
        }
        listeners.add(bound.channel());
        return bound.channel();
    }

    private static String reason(Throwable cause) {
        String text = String.valueOf(cause.getMessage());
        if (text.contains("Address already in use")) {
            return "the port is in use; stop the other server or choose another port";
        }
        if (text.contains("Cannot assign requested address")) {
            return "the address does not belong to this machine";
        }
        if (text.contains("Permission denied")) {
            return "permission denied; choose a port above 1023 or a folder that you may write";
        }
        return text;
    }

    private void prepare(Channel client, ConnectionLimits.Place place) {
        ConnectionReceive receive = new ConnectionReceive();
        client.config().setRecvByteBufAllocator(receive);
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
        clients.add(client);
        client.pipeline()
                .addLast("handshake", new HandshakeHandler(new Client(server, place, receive)));
    }

    /** Clients that are connected at present. */
    public int connections() {
        return server.limits().connections();
    }

    /**
     * Connections that have chosen a disk, from the moment of their choice.
     *
     * @param disk the service of its exports
     */
    public int connections(RingService disk) {
        return server.connections(disk);
    }

    /**
     * Closes the connections of one disk without waiting for their requests: what has begun finishes behind them. One
     * that is on its way to the disk's loop is not closed; it finds its ring refused when the disk is stopping.
     */
    public void disconnect(RingService disk) {
        server.disconnect(disk);
    }

    /**
     * Goes down in order: no new clients; requests in flight are finished and answered, later ones get ESHUTDOWN; then
     * every connection is closed, at the latest after {@link NbdSettings#shutdownTimeout}.
     *
     * @return complete when all of that is done
     */
    public CompletionStage<Void> shutDown() {
        closeListeners();
        CompletableFuture<Void> drained =
                server.shutDown()
                        .completeOnTimeout(
                                null, settings.shutdownTimeout().toMillis(), TimeUnit.MILLISECONDS);
        CompletableFuture<Void> closed = new CompletableFuture<>();
        var unused =
                drained.thenRun(() -> clients.close().addListener(all -> closed.complete(null)));
        return closed;
    }

    /** Goes down at once: closes listeners and connections without waiting for requests in flight. */
    @Override
    public void close() {
        closeListeners();
        var unused = server.shutDown();
        clients.close().awaitUninterruptibly();
    }

    private void closeListeners() {
        for (Channel listener : listeners) {
            listener.close().awaitUninterruptibly();
        }
        listeners.clear();
        for (Path socket : sockets) {
            try {
                Files.deleteIfExists(socket);
            } catch (IOException e) {
                LOG.warn("unix socket {} stays behind: {}", socket, e.getMessage());
            }
        }
        sockets.clear();
    }
}
