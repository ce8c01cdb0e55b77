package io.chainring.gateway.nbd;

import io.chainring.gateway.nbd.connection.AcceptGate;
import io.chainring.gateway.nbd.connection.ServerContext;
import io.chainring.gateway.nbd.connection.ServerEnd;
import io.chainring.gateway.nbd.listen.Accepting;
import io.chainring.gateway.nbd.listen.Descriptors;
import io.chainring.gateway.nbd.reload.FilePoll;
import io.chainring.gateway.nbd.setup.ExportDirectory;
import io.chainring.gateway.nbd.setup.NbdCounters;
import io.chainring.gateway.nbd.setup.NbdSettings;
import io.chainring.gateway.nbd.tls.PlainTcp;
import io.chainring.ring.supervise.RingService;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultSelectStrategyFactory;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
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
 * <p>One server has any number of listeners. A client that is accepted haggles on a loop of the server's own, the door,
 * so that strangers cost disks nothing; once it has chosen an export its channel moves to the loop of that disk and
 * never leaves it ("a disk lives on one loop"). There it is a frontend with a ring of its own, so clients may use
 * several connections to one disk.
 *
 * <pre>
 * listener --accept--> HandshakeHandler --GO--> RequestHandler --openRing--> ring
 *  AcceptGate             Handshake              Transmission
 *                        \______ one Connection ______/
 *                   ConnectionCore, at a disk DiskTurnsCore (I9)
 * </pre>
 *
 * The disks' loops belong to the caller and outlive the server.
 */
public final class NbdServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NbdServer.class);

    private static final long DOOR_CLOSE_SECONDS = 2;

    /** For clients to close when they have been told of the end. */
    private static final long FAREWELL_SECONDS = 3;

    private final NbdSettings settings;
    private final ServerContext server;
    private final boolean epoll;
    private final IoEventLoopGroup door;
    private final FilePoll files;
    private final ChannelGroup clients =
            new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final List<Channel> listeners = new CopyOnWriteArrayList<>();
    private final List<UnixSocketPath> sockets = new CopyOnWriteArrayList<>();

    /**
     * @param settings limits, times and TLS
     * @param exports what is served; its disks' loops belong to the same group
     * @param loops the disks' loops; the server's own is of their kind
     * @param counters hears what happens
     * @throws IllegalArgumentException when files of TLS or of access rules do not serve; one line that names them
     */
    public NbdServer(
            NbdSettings settings,
            ExportDirectory exports,
            IoEventLoopGroup loops,
            NbdCounters counters) {
        this.settings = settings;
        this.server = new ServerContext(settings, exports, counters);
        this.epoll = loops.isIoType(EpollIoHandler.class);
        this.door =
                new MultiThreadIoEventLoopGroup(
                        1,
                        new DefaultThreadFactory("chainring-nbd-door", true),
                        NbdEventLoops.transport(epoll, DefaultSelectStrategyFactory.INSTANCE));
        this.files = new FilePoll(server.files(), settings.reloadInterval());
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
        if (!PlainTcp.mayListen(
                settings.tls().mode(), settings.access().plainTcpBeyondLoopback(), address)) {
            throw new NbdBindException(
                    "NBD does not listen on "
                            + name
                            + " without TLS, where whoever reaches the port could read and write every disk: set "
                            + "chainring.nbd.tls (--tls required), or allow it with "
                            + "chainring.nbd.access.plain-tcp-beyond-loopback (--nbd-plain-tcp-beyond-loopback)");
        }
        boolean ipv4 = address.getAddress() instanceof Inet4Address;
        Channel listener = bind(() -> tcpListener(ipv4), address, name);
        LOG.info("NBD listens on {}", NbdAddress.describe(address, listener.localAddress()));
        return (InetSocketAddress) listener.localAddress();
    }

    /**
     * Listens on a unix socket. A socket file that a killed server left is taken over. Its group and mode are right before
     * anybody can connect.
     *
     * @throws NbdBindException when a living server has the path, or the file cannot be made there
     */
    public void listen(Path socket) throws NbdBindException {
        if (!epoll) {
            throw new NbdBindException(
                    "NBD cannot listen on " + socket + ": unix sockets need Linux's native epoll");
        }
        Channel[] listener = new Channel[1];
        boolean placed = false;
        try {
            sockets.add(
                    UnixSocketPath.takeOver(
                            socket,
                            settings.unixSocketRights(),
                            at ->
                                    listener[0] =
                                            bind(
                                                    EpollServerDomainSocketChannel::new,
                                                    new DomainSocketAddress(at.toFile()),
                                                    socket.toString())));
            placed = true;
            LOG.info("NBD listens on {}", socket);
        } finally {
            if (!placed && listener[0] != null) {
                listeners.remove(listener[0]);
                listener[0].close().awaitUninterruptibly();
            }
        }
    }

    /** One of IPv4 takes no clients of IPv6, which an address of IPv4 promises; one of IPv6 takes both on [::]. */
    private ServerChannel tcpListener(boolean ipv4) {
        SocketProtocolFamily family = ipv4 ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6;
        if (epoll) {
            return new EpollServerSocketChannel(family);
        }
        try {
            return new NioServerSocketChannel(ServerSocketChannel.open(family.toJdkFamily()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Channel bind(
            ChannelFactory<? extends ServerChannel> type, SocketAddress address, String name)
            throws NbdBindException {
        fitIntoDescriptors(name);
        // The bootstrap's own acceptor sits behind the gate and never hears of a client.
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(door)
                        .channelFactory(type)
                        .option(ChannelOption.SO_BACKLOG, settings.listenBacklog())
                        .option(ChannelOption.AUTO_READ, false)
                        .handler(
                                new Accepting(
                                        "NBD on " + name,
                                        Descriptors.ofProcess(),
                                        settings.reservedDescriptors(),
                                        new AcceptGate(server, door, clients)))
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

    /** Fewer connections where the process may not open as many files, so that the rules for places hold there too. */
    private void fitIntoDescriptors(String name) throws NbdBindException {
        if (!listeners.isEmpty()) {
            return;
        }
        int reserve = settings.reservedDescriptors();
        long room = Descriptors.ofProcess().free() - reserve;
        if (room < 1) {
            throw new NbdBindException(
                    ("NBD cannot listen on %s: at most %s files may be open, %s are free, and %s are kept for journals,"
                                    + " images and commands (chainring.nbd.reserved-descriptors); raise the limit"
                                    + " (ulimit -n, LimitNOFILE)")
                            .formatted(name, Descriptors.limit(), room + reserve, reserve));
        }
        if (room < settings.maxConnections()) {
            LOG.warn(
                    "Only {} connections instead of {} (chainring.nbd.max-connections): at most {} files may be open"
                            + " (ulimit -n, LimitNOFILE), and {} are kept for journals, images and commands"
                            + " (reserved-descriptors)",
                    room,
                    settings.maxConnections(),
                    Descriptors.limit(),
                    reserve);
            server.places().lowerTo((int) room);
        }
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

    /** Clients that are connected at present. */
    public int connections() {
        return server.connections();
    }

    /** Direct memory that connections' buffers take at present, beside their rings, in bytes. */
    public long bufferBytes() {
        return server.bufferBytes();
    }

    /** What connections hold because there is no room to look at it, in bytes. */
    public long heldBytes() {
        return server.heldBytes();
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
     * every connection ends, at the latest after {@link NbdSettings#shutdownTimeout}: its client sees the end of the stream
     * and has {@value #FAREWELL_SECONDS} s to close.
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
                drained.thenCompose(nothing -> sayGoodbye())
                        .thenRun(
                                () ->
                                        clients.close()
                                                .addListener(
                                                        all -> {
                                                            closeDoor();
                                                            closed.complete(null);
                                                        }));
        return closed;
    }

    private CompletableFuture<Void> sayGoodbye() {
        for (Channel client : clients) {
            // One that is on its way to a loop says goodbye by itself when it arrives.
            if (client.isRegistered()) {
                client.pipeline().fireUserEventTriggered(ServerEnd.NEAR);
            }
        }
        CompletableFuture<Void> left = new CompletableFuture<>();
        var unused = clients.newCloseFuture().addListener(all -> left.complete(null));
        return left.completeOnTimeout(null, FAREWELL_SECONDS, TimeUnit.SECONDS);
    }

    /** Goes down at once: closes listeners and connections without waiting for requests in flight. */
    @Override
    public void close() {
        closeListeners();
        var unused = server.shutDown();
        clients.close().awaitUninterruptibly();
        closeDoor();
    }

    private void closeDoor() {
        files.close();
        server.close();
        var unused = door.shutdownGracefully(0, DOOR_CLOSE_SECONDS, TimeUnit.SECONDS);
    }

    private void closeListeners() {
        for (Channel listener : listeners) {
            listener.close().awaitUninterruptibly();
        }
        listeners.clear();
        sockets.forEach(UnixSocketPath::remove);
        sockets.clear();
    }
}
