package io.chainring.persistence.dispatch;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.dispatch.Mailbox;

/**
 * Runs an actor's mailbox on the thread that sends to the actor, so that a message to an idle actor costs no other thread
 * and no wake-up.
 *
 * <pre>
 *   sender                         mailbox idle                 mailbox busy on another thread
 *     | tell                         |                            |
 *     |-- enqueue, schedule -------->| run here, return           | only enqueued: the thread that is there takes it along
 * </pre>
 *
 * <p>So the actor still handles one message at a time and in order: the mailbox sees to that, whoever runs it. What the
 * actor sends to its sender is enqueued and handled when the sender's own message is done, as with any dispatcher.
 *
 * <p>Three things go to threads of their own: starting and ending the actor (it may open files), whatever is scheduled
 * while this thread is running a mailbox already (a mailbox that was busy for longer than the dispatcher's throughput
 * gives the thread of its caller back in this way, and calls do not nest), and everything that is no mailbox.
 *
 * <p>An interrupt of the sender is none of the actor's business: it is held back until the actor is done.
 */
final class CallerRunsExecutor extends AbstractExecutorService {
    private final ThreadLocal<Boolean> running = ThreadLocal.withInitial(() -> false);
    private final ExecutorService others;

    CallerRunsExecutor(ExecutorService others) {
        this.others = others;
    }

    @Override
    public void execute(Runnable task) {
        if (task instanceof Mailbox mailbox && !mailbox.hasSystemMessages() && !running.get()) {
            runHere(task);
        } else {
            others.execute(task);
        }
    }

    private void runHere(Runnable task) {
        boolean interrupted = Thread.interrupted();
        running.set(true);
        try {
            task.run();
        } catch (Exception e) {
            // A mailbox throws this when an interrupt arrived meanwhile; it has handled its
            // message.
            if (!(e instanceof InterruptedException)) {
                throw e;
            }
            interrupted = true;
        } finally {
            running.set(false);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void shutdown() {
        others.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        return others.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
        return others.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return others.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return others.awaitTermination(timeout, unit);
    }
}
