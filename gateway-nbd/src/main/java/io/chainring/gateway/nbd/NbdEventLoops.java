package io.chainring.gateway.nbd;

import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SelectStrategyFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.ThreadFactory;

/** Makes the event loops that NBD servers, and the disks they serve, run on. */
public final class NbdEventLoops {
    private NbdEventLoops() {}

    /** True where Linux's epoll can be used; without it there are no unix sockets. */
    public static boolean nativeTransport() {
        return Epoll.isAvailable();
    }

    /**
     * A group of loops on the best transport of this machine.
     *
     * @param loops number of loops, each with a thread of its own
     * @param threads makes these threads
     * @param waiting how a loop without work waits; {@code DefaultSelectStrategyFactory.INSTANCE} sleeps at once
     */
    public static IoEventLoopGroup create(
            int loops, ThreadFactory threads, SelectStrategyFactory waiting) {
        return new MultiThreadIoEventLoopGroup(
                loops, threads, transport(nativeTransport(), waiting));
    }

    static IoHandlerFactory transport(boolean nativeTransport, SelectStrategyFactory waiting) {
        return nativeTransport
                ? EpollIoHandler.newFactory(0, waiting)
                : NioIoHandler.newFactory(
                        java.nio.channels.spi.SelectorProvider.provider(), waiting);
    }
}
