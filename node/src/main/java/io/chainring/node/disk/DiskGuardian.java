package io.chainring.node.disk;

import io.chainring.ring.supervise.SupervisorCommand;
import java.time.Duration;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * The address of a disk for as long as the node runs, above the disk's RingSupervisor, which is where the rings are. It
 * passes everything on. Should the supervisor itself die, its rings are gone and their clients disconnected; after a
 * pause the next one takes over the journal, and clients that reconnect find their disk again.
 *
 * <p>The next supervisor starts only when the dead one and all its children have ended: a disk never has two backends.
 */
final class DiskGuardian extends AbstractBehavior<Object> {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    /** The pause is over. */
    private enum Timer {
        START_AGAIN
    }

    private final String name;
    private final Behavior<SupervisorCommand> supervisor;
    private final TimerScheduler<Object> timers;
    private @Nullable ActorRef<SupervisorCommand> present;
    private Duration pause = FIRST_PAUSE;
    private long startedNanos;
    private long incarnation;
    private boolean stopping;

    private DiskGuardian(
            ActorContext<Object> context,
            TimerScheduler<Object> timers,
            String name,
            Behavior<SupervisorCommand> supervisor) {
        super(context);
        this.name = name;
        this.supervisor = supervisor;
        this.timers = timers;
        start();
    }

    /**
     * @param name of the disk
     * @param supervisor behaviour of each incarnation of its supervisor; they run on this actor's dispatcher
     */
    static Behavior<SupervisorCommand> create(String name, Behavior<SupervisorCommand> supervisor) {
        return Behaviors.setup(
                        (ActorContext<Object> context) ->
                                Behaviors.withTimers(
                                        timers ->
                                                new DiskGuardian(
                                                        context, timers, name, supervisor)))
                .narrow();
    }

    @Override
    public Receive<Object> createReceive() {
        return newReceiveBuilder()
                .onMessage(SupervisorCommand.class, this::pass)
                .onMessageEquals(Timer.START_AGAIN, this::startAgain)
                .onSignal(Terminated.class, this::terminated)
                .build();
    }

    private void start() {
        startedNanos = System.nanoTime();
        incarnation++;
        ActorRef<SupervisorCommand> started =
                getContext()
                        .spawn(
                                supervisor,
                                "supervisor-" + incarnation,
                                org.apache.pekko.actor.typed.DispatcherSelector.sameAsParent());
        getContext().watch(started);
        present = started;
    }

    private Behavior<Object> startAgain() {
        if (!stopping) {
            start();
        }
        return this;
    }

    private Behavior<Object> pass(SupervisorCommand command) {
        ActorRef<SupervisorCommand> target = present;
        if (command instanceof SupervisorCommand.Stop) {
            stopping = true;
        }
        if (target != null) {
            target.tell(command);
        } else if (command instanceof SupervisorCommand.OpenRing open) {
            open.sink().closed("disk " + name + " is being started again");
        } else if (command instanceof SupervisorCommand.Kill kill) {
            kill.replyTo().tell(false);
        } else if (command instanceof SupervisorCommand.Stop stop) {
            stop.replyTo().tell(Done.getInstance());
            return Behaviors.stopped();
        }
        return this;
    }

    private Behavior<Object> terminated(Terminated signal) {
        if (!signal.getRef().equals(present)) {
            return this;
        }
        present = null;
        if (stopping) {
            return Behaviors.stopped();
        }
        if (System.nanoTime() - startedNanos > LONGEST_PAUSE.toNanos()) {
            pause = FIRST_PAUSE;
        }
        String why =
                signal instanceof ChildFailed failed
                        ? String.valueOf(failed.cause())
                        : "it stopped";
        getContext()
                .getLog()
                .error(
                        "Supervisor of disk {} died ({}); the next one starts in {} ms",
                        name,
                        why,
                        pause.toMillis());
        timers.startSingleTimer(Timer.START_AGAIN, pause);
        Duration doubled = pause.multipliedBy(2);
        pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
        return this;
    }
}
