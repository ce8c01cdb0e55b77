package io.chainring.node.control;

import com.typesafe.config.Config;
import io.chainring.node.StartException;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control socket of a node: HTTP/1.1 with JSON over a unix socket that only its owner may use (mode 0600). It has
 * a thread of its own, so that a disk's loop is never disturbed and a busy one can still be asked how it is.
 *
 * <pre>
 *   GET  /status                                                  NodeStatus
 *   GET  /health                                                  {"state":"serving"}
 *   POST /kill   {"disk":"d","target":"backend","how":"error"}    {"killed":true}
 *   GET  /disks, POST /disks/...                                   see DiskRequests
 *   anything else                                                 4xx {"error":"one line"}
 * </pre>
 */
public final class ControlServer implements AutoCloseable {
    /** Room in {@code sockaddr_un.sun_path}, less the closing NUL (unix(7)). */
    static final int MAX_PATH_BYTES = 107;

    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
    private static final long CLOSE_LIMIT_MILLIS = 1000;

    private final Path socket;
    private final MultiThreadIoEventLoopGroup loop;
    private final Channel listener;

    private ControlServer(Path socket, MultiThreadIoEventLoopGroup loop, Channel listener) {
        this.socket = socket;
        this.loop = loop;
        this.listener = listener;
    }

    /**
     * Listens on a socket; what a killed node left there is replaced. The caller holds the lock of the data
     * directory, so nobody else listens there.
     *
     * @param settings {@code chainring.node.control}
     * @throws StartException one line
     */
    public static ControlServer start(Path socket, Config settings, NodeControl node)
            throws StartException {
        checkLength(socket);
        int maxConnections = settings.getInt("max-connections");
        int maxRequestBytes = Math.toIntExact(settings.getBytes("max-request-size"));
        long idleMillis = settings.getDuration("idle-timeout").toMillis();
        AtomicInteger connections = new AtomicInteger();
        MultiThreadIoEventLoopGroup loop =
                new MultiThreadIoEventLoopGroup(
                        1,
                        new DefaultThreadFactory("chainring-control", true),
                        NioIoHandler.newFactory());
        ServerBootstrap bootstrap =
                new ServerBootstrap()
                        .group(loop)
                        .channel(NioServerDomainSocketChannel.class)
                        .childHandler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel client) {
                                        if (connections.incrementAndGet() > maxConnections) {
                                            var unused = client.close();
                                        }
                                        client.closeFuture()
                                                .addListener(
                                                        closed -> connections.decrementAndGet());
                                        client.pipeline()
                                                .addLast(
                                                        new IdleStateHandler(
                                                                0,
                                                                0,
                                                                idleMillis,
                                                                TimeUnit.MILLISECONDS),
                                                        new HttpServerCodec(),
                                                        new HttpObjectAggregator(maxRequestBytes),
                                                        new ControlHandler(node));
                                    }
                                });
        try {
            return new ControlServer(socket, loop, bind(bootstrap, socket));
        } catch (IOException e) {
            var unused = loop.shutdownGracefully(0, CLOSE_LIMIT_MILLIS, TimeUnit.MILLISECONDS);
            throw new StartException(
                    "control socket " + socket + " cannot be made: " + e.getMessage(), e);
        }
    }

    private static void checkLength(Path socket) throws StartException {
        int lengthBytes = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (lengthBytes > MAX_PATH_BYTES - 2) {
            throw new StartException(
                    "control socket "
                            + socket
                            + ": a path of "
                            + lengthBytes
                            + " bytes is too long for a unix socket (at most "
                            + (MAX_PATH_BYTES - 2)
                            + "); choose a shorter data directory, or a relative one");
        }
    }

    /** Made in a folder that is closed to others, so that nobody can connect before its mode is right. */
    private static Channel bind(ServerBootstrap bootstrap, Path socket) throws IOException {
        Path folder = socket.resolveSibling("control.new");
        Path made = folder.resolve("s");
        Files.deleteIfExists(made);
        Files.deleteIfExists(folder);
        Files.createDirectory(
                folder,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        ChannelFuture bound =
                bootstrap.bind(UnixDomainSocketAddress.of(made)).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(String.valueOf(bound.cause().getMessage()), bound.cause());
        }
        Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
        Files.move(
                made, socket, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Files.delete(folder);
        return bound.channel();
    }

    /** Listens no more and removes the socket. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            LOG.warn("control socket {} stays behind: {}", socket, e.getMessage());
        }
        listener.close().awaitUninterruptibly(CLOSE_LIMIT_MILLIS);
        loop.shutdownGracefully(0, CLOSE_LIMIT_MILLIS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE_LIMIT_MILLIS);
    }
}
