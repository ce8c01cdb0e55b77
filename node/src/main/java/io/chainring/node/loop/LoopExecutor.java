package io.chainring.node.loop;

import io.netty.channel.IoEventLoop;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A Netty event loop as the executor of a Pekko dispatcher: actors run on the loop, between its I/O.
 *
 * <p>The dispatcher may shut this executor down, the loop goes on: it outlives the ActorSystem, whose last words may
 * still be on their way to a socket.
 */
final class LoopExecutor extends AbstractExecutorService {
    private final IoEventLoop loop;
    private volatile boolean shutDown;

    LoopExecutor(IoEventLoop loop) {
        this.loop = loop;
    }

    /** From the loop itself this is a queue operation; from another thread it wakes the loop. */
    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    @Override
    public void shutdown() {
        shutDown = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
        shutDown = true;
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return shutDown;
    }

    @Override
    public boolean isTerminated() {
        return shutDown;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return shutDown;
    }
}
