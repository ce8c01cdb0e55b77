package io.chainring.node.http;

import io.chainring.base.log.RateLimitedLog;
import io.chainring.gateway.nbd.listen.Accepting;
import io.chainring.gateway.nbd.listen.Descriptors;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/**
 * HTTP/1.1 for a few clients at once, on a thread of its own: a disk's loop is never disturbed, and a node whose loops
 * are busy can still be asked how it is. It shares no buffers with disks, and all that its clients can make it hold has a
 * limit ({@link HttpLimits}): connections, lines and headers, bodies, answers that nobody takes, and time for each. Who comes
 * and who gives way for him is decided by {@link ClientPlaces}.
 */
public final class HttpServer implements AutoCloseable {
    private static final long CLOSE_LIMIT_MILLIS = 1000;

    /** Bytes that are taken from a socket at a time, so that few requests are decoded before they are wanted. */
    private static final int READ_BYTES = 1 << 10;

    private static final int INITIAL_LINE_BYTES = 128;

    /** Buffers of this server are its own: never those of the disks, and none outside of the heap. */
    private static final ByteBufAllocator HEAP = new UnpooledByteBufAllocator(false, true);

    private static final RateLimitedLog LOG =
            new RateLimitedLog(LoggerFactory.getLogger(HttpServer.class));

    private final String name;
    private final HttpLimits limits;
    private final HttpPages pages;
    private final RequestCheck check;
    private final ClientPlaces<Channel> places;
    private final MultiThreadIoEventLoopGroup loop;
    private final ChannelGroup clients;
    private final Channel listener;

    private HttpServer(String name, SocketAddress address, HttpLimits limits, HttpPages pages)
            throws IOException {
        this.name = name;
        this.limits = limits;
        this.pages = pages;
        check = new RequestCheck(limits, HostNames.of(address, limits.hostNames()));
        places = new ClientPlaces<>(limits.maxConnections(), limits.maxAnswersBytes());
        loop =
                new MultiThreadIoEventLoopGroup(
                        1,
                        new DefaultThreadFactory("chainring-" + name, true),
                        NioIoHandler.newFactory());
        clients = new DefaultChannelGroup(loop.next());
        ChannelFuture bound =
                new ServerBootstrap()
                        .group(loop)
                        .channel(
                                address instanceof InetSocketAddress
                                        ? NioServerSocketChannel.class
                                        : NioServerDomainSocketChannel.class)
                        .option(ChannelOption.AUTO_READ, false)
                        .handler(accepting(name, address, limits))
                        .childOption(ChannelOption.AUTO_READ, false)
                        .childOption(ChannelOption.ALLOCATOR, HEAP)
                        .childOption(
                                ChannelOption.RECVBUF_ALLOCATOR,
                                new FixedRecvByteBufAllocator(READ_BYTES).maxMessagesPerRead(1))
                        .childHandler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel client) {
                                        accept(client);
                                    }
                                })
                        .bind(address)
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            endLoop();
            throw new IOException(String.valueOf(bound.cause().getMessage()), bound.cause());
        }
        listener = bound.channel();
    }

    /**
     * Listens.
     *
     * @param name of its thread, behind {@code chainring-}
     * @param address of the network, or of a unix socket
     * @throws IOException one line: port in use, no such address
     */
    public static HttpServer start(
            String name, SocketAddress address, HttpLimits limits, HttpPages pages)
            throws IOException {
        return new HttpServer(name, address, limits, pages);
    }

    /** Commands find a descriptor when metrics find none any more. */
    private static Accepting accepting(String name, SocketAddress address, HttpLimits limits) {
        int reserved = limits.reservedDescriptors();
        boolean network = address instanceof InetSocketAddress;
        return new Accepting(
                "HTTP server " + name,
                Descriptors.ofProcess(),
                network ? reserved : reserved / 2,
                new Accepting.Taker() {
                    @Override
                    public boolean mayAccept(Runnable whenRoom) {
                        return true;
                    }

                    @Override
                    public void accepted(ChannelHandlerContext listener, Channel client) {
                        listener.fireChannelRead(client);
                    }
                });
    }

    private void accept(Channel client) {
        String source = RateLimitedLog.source(client.remoteAddress());
        Channel oldest = places.givesWay();
        if (oldest != null) {
            LOG.info(
                    source,
                    "{} of {} gives way to {} (chainring.node.control.max-connections)",
                    oldest,
                    name,
                    client);
            places.leave(oldest);
            var unused = oldest.close();
        } else if (places.isFull()) {
            LOG.info(
                    source,
                    "{} finds no place at {}: all clients are being served"
                            + " (chainring.node.control.max-connections)",
                    client,
                    name);
            var unused = client.close();
            return;
        }
        places.enter(client, source);
        clients.add(client);
        var unused = client.closeFuture().addListener(closed -> places.leave(client));
        client.pipeline().addLast(handlers(limits, check, pages, places));
    }

    /** What stands between a socket and the pages. */
    static ChannelHandler[] handlers(
            HttpLimits limits, RequestCheck check, HttpPages pages, ClientPlaces<Channel> places) {
        return new ChannelHandler[] {
            new FirstByte(),
            new HttpServerCodec(
                    new HttpDecoderConfig()
                            .setInitialBufferSize(INITIAL_LINE_BYTES)
                            .setMaxInitialLineLength(limits.maxRequestLineBytes())
                            .setMaxHeaderSize(limits.maxHeaderBytes())
                            .setHeadersFactory(CountedHeaders.atMost(limits.maxHeaders()))
                            .setTrailersFactory(CountedHeaders.atMost(limits.maxHeaders()))),
            new HttpServerKeepAliveHandler(),
            new FlowControlHandler(),
            new HttpConnection(limits, check, pages, places)
        };
    }

    /** Tells the connection when bytes come, before they are a request. */
    private static final class FirstByte extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ctx.fireUserEventTriggered(HttpConnection.BYTES);
            ctx.fireChannelRead(message);
        }
    }

    /** Where it listens, with the port that was taken. */
    public SocketAddress address() {
        return listener.localAddress();
    }

    /** Listens no more; requests that are under way are answered with that. */
    @Override
    public void close() {
        listener.close().awaitUninterruptibly(CLOSE_LIMIT_MILLIS);
        clients.forEach(client -> client.pipeline().fireUserEventTriggered(HttpConnection.END));
        clients.newCloseFuture().awaitUninterruptibly(CLOSE_LIMIT_MILLIS);
        endLoop();
    }

    private void endLoop() {
        loop.shutdownGracefully(0, CLOSE_LIMIT_MILLIS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE_LIMIT_MILLIS);
    }
}
