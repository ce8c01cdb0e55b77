package io.chainring.host.disk;

import io.chainring.ring.supervise.SupervisorCommand;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * The address of a disk for as long as it runs, above the disk's RingSupervisor, which is where the rings are. It passes
 * everything on. Should the supervisor itself die, its rings are gone and their clients disconnected; after a pause the
 * next one takes over the journal, and clients that reconnect find their disk again. {@link GuardianCore} decides.
 *
 * <p>Who asks it to stop is answered when nothing of the disk runs any more, also when the supervisor dies instead of
 * answering.
 */
final class DiskGuardian extends AbstractBehavior<Object> {

    /** The pause is over. */
    private enum Timer {
        START_AGAIN
    }

    private final String name;
    private final Behavior<SupervisorCommand> supervisor;
    private final LongSupplier usefulBackends;
    private final Runnable whenSupervisorEnded;
    private final Runnable whenEnded;
    private final TimerScheduler<Object> timers;
    private final GuardianCore core;
    private final List<ActorRef<Done>> waitForTheEnd = new ArrayList<>();
    private @Nullable ActorRef<SupervisorCommand> present;
    private long incarnation;
    private long usefulBefore;

    private DiskGuardian(
            ActorContext<Object> context,
            TimerScheduler<Object> timers,
            String name,
            Behavior<SupervisorCommand> supervisor,
            LongSupplier usefulBackends,
            Runnable whenSupervisorEnded,
            Runnable whenEnded) {
        super(context);
        this.name = name;
        this.supervisor = supervisor;
        this.usefulBackends = usefulBackends;
        this.whenSupervisorEnded = whenSupervisorEnded;
        this.whenEnded = whenEnded;
        this.timers = timers;
        this.core = new GuardianCore(name);
        this.usefulBefore = usefulBackends.getAsLong();
        start();
    }

    /**
     * @param name of the disk
     * @param supervisor behaviour of each incarnation of its supervisor; they run on this actor's dispatcher
     * @param usefulBackends how many backends of the disk were of use so far
     * @param whenSupervisorEnded called whenever a supervisor has ended with all its children
     * @param whenEnded called once, when none of the disk's actors runs any more, whatever ended them
     */
    static Behavior<SupervisorCommand> create(
            String name,
            Behavior<SupervisorCommand> supervisor,
            LongSupplier usefulBackends,
            Runnable whenSupervisorEnded,
            Runnable whenEnded) {
        return Behaviors.setup(
                        (ActorContext<Object> context) ->
                                Behaviors.withTimers(
                                        timers ->
                                                new DiskGuardian(
                                                        context,
                                                        timers,
                                                        name,
                                                        supervisor,
                                                        usefulBackends,
                                                        whenSupervisorEnded,
                                                        whenEnded)))
                .narrow();
    }

    @Override
    public Receive<Object> createReceive() {
        return newReceiveBuilder()
                .onMessage(SupervisorCommand.Stop.class, this::stop)
                .onMessage(SupervisorCommand.class, this::pass)
                .onMessageEquals(
                        Timer.START_AGAIN, () -> carryOut(GuardianCore.Input.PAUSE_OVER, false, ""))
                .onSignal(Terminated.class, this::terminated)
                .onSignal(PostStop.class, signal -> ended())
                .build();
    }

    private void start() {
        incarnation++;
        ActorRef<SupervisorCommand> started =
                getContext()
                        .spawn(
                                supervisor,
                                "supervisor-" + incarnation,
                                DispatcherSelector.sameAsParent());
        getContext().watch(started);
        present = started;
    }

    private Behavior<Object> stop(SupervisorCommand.Stop stop) {
        waitForTheEnd.add(stop.replyTo());
        return carryOut(GuardianCore.Input.STOP, false, "");
    }

    private Behavior<Object> pass(SupervisorCommand command) {
        ActorRef<SupervisorCommand> target = present;
        if (target != null) {
            target.tell(command);
        } else if (command instanceof SupervisorCommand.OpenRing open) {
            open.wish().closed("disk " + name + " is being started again");
        } else if (command instanceof SupervisorCommand.Kill kill) {
            kill.replyTo().tell(false);
        } else if (command instanceof SupervisorCommand.Grown grown) {
            // The next supervisor begins with the new size, and nobody connects before.
            grown.replyTo().tell(Done.getInstance());
        }
        return this;
    }

    private Behavior<Object> terminated(Terminated signal) {
        present = null;
        whenSupervisorEnded.run();
        long useful = usefulBackends.getAsLong();
        boolean wasOfUse = useful != usefulBefore;
        usefulBefore = useful;
        return carryOut(
                GuardianCore.Input.SUPERVISOR_ENDED,
                wasOfUse,
                signal instanceof ChildFailed failed
                        ? String.valueOf(failed.cause())
                        : "it stopped");
    }

    private Behavior<Object> carryOut(GuardianCore.Input input, boolean wasOfUse, String why) {
        switch (core.apply(input, wasOfUse)) {
            case START_SUPERVISOR -> start();
            case STOP_SUPERVISOR -> {
                ActorRef<SupervisorCommand> running = present;
                if (running != null) {
                    running.tell(new SupervisorCommand.Stop(getContext().getSystem().ignoreRef()));
                }
            }
            case PAUSE -> {
                getContext()
                        .getLog()
                        .error(
                                "Supervisor of disk {} died ({}); the next one starts in {} ms",
                                name,
                                why,
                                core.pauseMillis());
                timers.startSingleTimer(Timer.START_AGAIN, Duration.ofMillis(core.pauseMillis()));
            }
            case END -> {
                return Behaviors.stopped();
            }
            case NOTHING -> {}
        }
        return this;
    }

    private Behavior<Object> ended() {
        waitForTheEnd.forEach(each -> each.tell(Done.getInstance()));
        whenEnded.run();
        return this;
    }
}
