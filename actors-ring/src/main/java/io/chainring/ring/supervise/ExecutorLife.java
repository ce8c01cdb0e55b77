package io.chainring.ring.supervise;

import io.chainring.ring.execute.ExecutorCommand;
import io.chainring.ring.signal.KillMode;
import java.time.Duration;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;

/** The incarnations of one disk's executor, each a child of the supervisor. */
final class ExecutorLife {
    private final ActorContext<?> parent;
    private final SupervisorSetup setup;
    private final Backoff backoff;
    private ActorRef<ExecutorCommand> present;
    private boolean up;
    private long incarnation;
    private long startedNanos;

    /** Starts the first one. */
    ExecutorLife(ActorContext<?> parent, SupervisorSetup setup) {
        this.parent = parent;
        this.setup = setup;
        this.backoff = new Backoff(setup.backoffFirst(), setup.backoffLongest());
        this.present = spawn();
        this.up = true;
    }

    private ActorRef<ExecutorCommand> spawn() {
        incarnation++;
        startedNanos = System.nanoTime();
        ActorRef<ExecutorCommand> started =
                parent.spawn(
                        setup.executor().apply(incarnation),
                        "host-" + incarnation,
                        setup.dispatcher());
        parent.watch(started);
        return started;
    }

    /** The present incarnation, or the last one while none is up. */
    ActorRef<ExecutorCommand> present() {
        return present;
    }

    /** The present one has ended; returns the pause before the next. */
    Duration died() {
        up = false;
        return backoff.next(System.nanoTime() - startedNanos);
    }

    void startNext() {
        setup.backend().statistics().executorRestarts.incrementAndGet();
        present = spawn();
        up = true;
    }

    /** Tells the present one, if it is up. */
    void tell(ExecutorCommand command) {
        if (up) {
            present.tell(command);
        }
    }

    /** False when none is up. */
    boolean kill(KillMode mode) {
        if (!up) {
            return false;
        }
        switch (mode) {
            case STOP -> parent.stop(present);
            case INTERRUPT, ERROR -> present.tell(new ExecutorCommand.Die(mode));
        }
        return true;
    }
}
