package io.chainring.gateway.nbd.listen;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A listener for whose clients there is no room, or no descriptor. */
class AcceptingTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final EventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final List<Runnable> waiting = new CopyOnWriteArrayList<>();
    private final AtomicInteger wishes = new AtomicInteger();
    private final AtomicInteger tries = new AtomicInteger();

    /** The system has no descriptor for any client. */
    private final class Exhausted extends NioServerSocketChannel {
        @Override
        protected int doReadMessages(List<Object> accepted) throws IOException {
            tries.incrementAndGet();
            throw new IOException("Too many open files");
        }
    }

    private final class Taker implements Accepting.Taker {
        private final boolean room;

        Taker(boolean room) {
            this.room = room;
        }

        @Override
        public boolean mayAccept(Runnable whenRoom) {
            if (!room) {
                waiting.add(whenRoom);
            }
            return room;
        }

        @Override
        public void accepted(ChannelHandlerContext listener, Channel client) {
            throw new IllegalStateException("nobody can be accepted here");
        }
    }

    private Channel listen(Descriptors descriptors, int reserve, boolean room) {
        Accepting accepting = new Accepting("test", descriptors, reserve, new Taker(room));
        return new ServerBootstrap()
                .group(loop)
                .channelFactory(Exhausted::new)
                .option(ChannelOption.AUTO_READ, false)
                .handler(
                        new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel listener) {
                                listener.pipeline().addLast(new Wishes(), accepting);
                            }
                        })
                .childHandler(new ChannelInboundHandlerAdapter())
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    /** Counts what the listener asks for. */
    private final class Wishes extends ChannelOutboundHandlerAdapter {
        @Override
        public void read(ChannelHandlerContext ctx) throws Exception {
            wishes.incrementAndGet();
            super.read(ctx);
        }
    }

    /** Until everything that was asked of the loop so far is done. */
    private void settle() {
        assertTrue(loop.submit(() -> {}).awaitUninterruptibly(60, TimeUnit.SECONDS));
    }

    @AfterEach
    void end() {
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void asksForRoomOnceHoweverOftenItLooks() {
        Channel listener = listen(Descriptors.ofProcess(), 0, false);
        for (int i = 0; i < 10; i++) {
            listener.pipeline().fireChannelReadComplete();
        }
        settle();
        assertEquals(1, waiting.size());
        waiting.get(0).run();
        settle();
        assertEquals(2, waiting.size(), "it looks again when it is called");
    }

    @Test
    void whoCallsItBehindItsEndIsNotDisturbed() {
        listen(Descriptors.ofProcess(), 0, false);
        settle();
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        assertDoesNotThrow(() -> waiting.get(0).run());
    }

    /** The kernel says all the time that somebody is there: only who has taken its request back is left alone. */
    @Test
    void aClientForWhomThereIsNoDescriptorIsTriedForOnceAPause() throws IOException {
        Channel listener = listen(Descriptors.ofProcess(), 0, true);
        InetSocketAddress address = (InetSocketAddress) listener.localAddress();
        try (Socket client = new Socket(address.getAddress(), address.getPort())) {
            assertTrue(client.isConnected());
            await().atMost(PATIENCE).until(() -> tries.get() >= 4);
            listener.close().syncUninterruptibly();
            assertTrue(
                    tries.get() <= wishes.get(),
                    () -> tries.get() + " tries for " + wishes.get() + " wishes");
            assertTrue(wishes.get() < 50, () -> wishes.get() + " wishes without a pause");
        }
    }

    @Test
    void theLastDescriptorsAreLeftToOthers() throws IOException {
        AtomicLong free = new AtomicLong(10);
        AtomicLong nanos = new AtomicLong();
        // A clock that makes each count fresh.
        Descriptors scarce = new Descriptors(free::get, () -> nanos.addAndGet(10_000_000_000L));
        Channel listener = listen(scarce, 10, true);
        InetSocketAddress address = (InetSocketAddress) listener.localAddress();
        try (Socket client = new Socket(address.getAddress(), address.getPort())) {
            assertTrue(client.isConnected());
            long looked = nanos.get();
            await().atMost(PATIENCE).until(() -> nanos.get() > looked + 30_000_000_000L);
            assertEquals(0, tries.get());
            free.set(11);
            await().atMost(PATIENCE).until(() -> tries.get() > 0);
        }
    }
}
