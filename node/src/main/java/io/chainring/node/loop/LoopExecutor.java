package io.chainring.node.loop;

import io.netty.channel.IoEventLoop;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Netty event loop as the executor of a Pekko dispatcher: actors run on the loop, between its I/O.
 *
 * <p>The dispatcher may shut this executor down, the loop goes on: it outlives the ActorSystem, whose last words may
 * still be on their way to a socket.
 */
final class LoopExecutor extends AbstractExecutorService {
    private static final Logger LOG = LoggerFactory.getLogger(LoopExecutor.class);
    private static final int FATAL_EXIT_CODE = 134;

    private final IoEventLoop loop;
    private volatile boolean shutDown;

    LoopExecutor(IoEventLoop loop) {
        this.loop = loop;
    }

    /** From the loop itself this is a queue operation; from another thread it wakes the loop. */
    @Override
    public void execute(Runnable task) {
        loop.execute(() -> run(task));
    }

    /**
     * An error that Pekko lets pass (out of memory, a broken class) leaves an actor half changed, and the loop would
     * only log it and go on: the process ends instead, and what it owes is in the journal.
     */
    private static void run(Runnable task) {
        try {
            task.run();
        } catch (VirtualMachineError | LinkageError e) {
            LOG.error("Ends at once: {}", e.toString(), e);
            Runtime.getRuntime().halt(FATAL_EXIT_CODE);
        }
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
