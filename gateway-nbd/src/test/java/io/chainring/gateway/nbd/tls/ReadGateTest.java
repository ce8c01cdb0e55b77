package io.chainring.gateway.nbd.tls;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.gateway.nbd.TestTls;
import io.chainring.gateway.nbd.setup.NbdSettings;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client whose handshake waits for its turn cannot fill the memory meanwhile. */
@Tag("clients")
class ReadGateTest {
    private static final int FLOOD_BYTES = 32 << 20;
    private static final int MOST_KEPT_BYTES = 256 << 10;

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoWaitsForItsTurnIsNotRead(boolean preSharedKeys) throws Exception {
        NbdSettings settings =
                preSharedKeys
                        ? TestTls.settingsWithKey(folder.resolve("keys.psk"))
                        : TestTls.settings(folder);
        MultiThreadIoEventLoopGroup loops =
                new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        AtomicLong arrivedBytes = new AtomicLong();
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        try (Encryption encryption =
                java.util.Objects.requireNonNull(Encryption.of(settings.tls()))) {
            encryption.threads().turn("somebody else").execute(() -> awaitQuietly(stuck));
            await().atMost(Duration.ofSeconds(120))
                    .until(() -> encryption.threads().waiting() == 0);
            Channel listener = listen(loops, encryption, arrivedBytes, closed);
            int port = ((InetSocketAddress) listener.localAddress()).getPort();
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                client.getOutputStream().write(clientHello());
                await().atMost(Duration.ofSeconds(120))
                        .until(() -> encryption.threads().waiting() == 1);
                Thread flood = new Thread(() -> flood(client));
                flood.start();
                awaitStandstill(arrivedBytes);
                assertTrue(arrivedBytes.get() < MOST_KEPT_BYTES, arrivedBytes + " bytes are kept");
                assertEquals(1, encryption.threads().waiting());
                stuck.countDown();
                // What it sent is no handshake.
                assertTrue(closed.await(60, TimeUnit.SECONDS));
                flood.join();
            }
        } finally {
            stuck.countDown();
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    private static Channel listen(
            MultiThreadIoEventLoopGroup loops,
            Encryption encryption,
            AtomicLong arrivedBytes,
            CountDownLatch closed) {
        return new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.SO_RCVBUF, 16 << 10)
                .childHandler(
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                channel.closeFuture().addListener(done -> closed.countDown());
                                channel.pipeline().addLast(new Last(encryption, arrivedBytes));
                            }
                        })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .syncUninterruptibly()
                .channel();
    }

    /** Starts the encryption, counts in front of it, and closes as a handshake that failed is closed. */
    private static final class Last extends ChannelInboundHandlerAdapter {
        private final Encryption encryption;
        private final AtomicLong arrivedBytes;

        Last(Encryption encryption, AtomicLong arrivedBytes) {
            this.encryption = encryption;
            this.arrivedBytes = arrivedBytes;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            encryption.start(ctx, "127.0.0.1", Duration.ofSeconds(60));
            assertTrue(Encryption.of(ctx.pipeline()) != null);
            ctx.pipeline()
                    .addFirst(
                            new ChannelInboundHandlerAdapter() {
                                @Override
                                public void channelRead(ChannelHandlerContext at, Object bytes) {
                                    arrivedBytes.addAndGet(((ByteBuf) bytes).readableBytes());
                                    at.fireChannelRead(bytes);
                                }
                            });
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    private static byte[] clientHello() throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        engine.beginHandshake();
        ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), out);
        byte[] hello = new byte[out.flip().remaining()];
        out.get(hello);
        return hello;
    }

    private static void flood(Socket client) {
        try {
            byte[] piece = new byte[64 << 10];
            for (int sent = 0; sent < FLOOD_BYTES; sent += piece.length) {
                client.getOutputStream().write(piece);
            }
        } catch (IOException e) {
            // It is disconnected in the end.
            return;
        }
    }

    private static void awaitStandstill(AtomicLong bytes) {
        long[] last = {-1, 0};
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> {
                            long now = bytes.get();
                            last[1] = now == last[0] ? last[1] + 1 : 0;
                            last[0] = now;
                            return last[1] >= 10;
                        });
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
