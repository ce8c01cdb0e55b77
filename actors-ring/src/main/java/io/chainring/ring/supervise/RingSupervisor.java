package io.chainring.ring.supervise;

import io.chainring.ring.backend.Backend;
import io.chainring.ring.backend.BackendCommand;
import io.chainring.ring.backend.BackendNotice;
import io.chainring.ring.execute.BackendMessage;
import io.chainring.ring.execute.ExecutorCommand;
import io.chainring.ring.frontend.Frontend;
import io.chainring.ring.frontend.FrontendCommand;
import io.chainring.ring.frontend.FrontendCore;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.signal.KilledException;
import io.chainring.ring.signal.Signal;
import io.chainring.ring.slab.SlabPool;
import io.chainring.ring.transport.Outstanding;
import io.chainring.ring.turn.KillPoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.pekko.Done;
import org.apache.pekko.actor.ActorPath;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Parent of one disk's Frontends, Backend and executor: the shell that turns messages into inputs of {@link
 * SupervisorCore} and its effects into children, timers and messages. It decides nothing. It holds the rings, so that no
 * child's death loses one.
 *
 * <p>A child that dies of anything is stopped, never restarted in place: the next incarnation is a new actor with a new
 * mailbox, and nothing in the protocols depends on a message having arrived.
 */
public final class RingSupervisor extends AbstractBehavior<SupervisorCommand>
        implements SupervisorEffects {
    private static final Duration OUTAGE_LOOK = Duration.ofSeconds(1);

    private final SupervisorSetup setup;
    private final TimerScheduler<SupervisorCommand> timers;
    private final SupervisorCore core;
    private final ActorRef<BackendNotice> fromBackend;
    private final ActorRef<FrontendCommand.Introduced> fromFrontends;
    private final Map<ActorPath, SupervisorInput> endings = new HashMap<>();
    private final Map<ActorPath, QuietDeath> deaths = new HashMap<>();
    private final Map<Long, RingDoor.Wish> clients = new HashMap<>();
    private final Map<Long, Ring> rings = new HashMap<>();
    private final Map<Long, ActorRef<FrontendCommand>> frontends = new LinkedHashMap<>();
    private final List<SupervisorCommand.Grown> growths = new ArrayList<>();
    private @Nullable ActorRef<BackendMessage> backend;
    private @Nullable ActorRef<ExecutorCommand> executor;
    private long capacityBytes;
    private boolean stopped;

    private RingSupervisor(
            ActorContext<SupervisorCommand> context,
            TimerScheduler<SupervisorCommand> timers,
            SupervisorSetup setup) {
        super(context);
        this.setup = setup;
        this.timers = timers;
        this.fromBackend =
                context.messageAdapter(BackendNotice.class, SupervisorInput.Noticed::new);
        this.fromFrontends =
                context.messageAdapter(
                        FrontendCommand.Introduced.class, SupervisorInput.Introduced::new);
        this.core =
                new SupervisorCore(
                        setup.policy(),
                        this,
                        setup.backend().statistics(),
                        setup.backend().listener(),
                        System.nanoTime());
        apply(SupervisorInput.Order.START);
        if (setup.outageLimit() != null) {
            timers.startTimerWithFixedDelay(SupervisorInput.Order.LOOK_FOR_OUTAGE, OUTAGE_LOOK);
        }
    }

    /** A disk's supervisor; it starts the executor and the backend at once. */
    public static Behavior<SupervisorCommand> create(SupervisorSetup setup) {
        return Behaviors.setup(
                context -> {
                    if (!setup.door().open()) {
                        setup.door().close("disk " + setup.name() + " has stopped");
                        return Behaviors.stopped();
                    }
                    return Behaviors.withTimers(timers -> started(context, timers, setup));
                });
    }

    private static Behavior<SupervisorCommand> started(
            ActorContext<SupervisorCommand> context,
            TimerScheduler<SupervisorCommand> timers,
            SupervisorSetup setup) {
        try {
            return new RingSupervisor(context, timers, setup);
        } catch (RuntimeException | Error e) {
            // It never lived, so no signal will tell whoever waits.
            setup.door().close("disk " + setup.name() + " cannot be started: " + e);
            throw e;
        }
    }

    @Override
    public Receive<SupervisorCommand> createReceive() {
        return newReceiveBuilder()
                .onMessage(SupervisorInput.class, this::apply)
                .onMessage(SupervisorCommand.OpenRing.class, this::open)
                .onMessage(SupervisorCommand.Kill.class, this::kill)
                .onMessage(SupervisorCommand.Grown.class, this::grown)
                .onMessage(SupervisorCommand.Stop.class, this::stop)
                .onSignal(Terminated.class, this::childEnded)
                .onSignal(PreRestart.class, signal -> ended("failed and starts again"))
                .onSignal(PostStop.class, signal -> ended("has stopped"))
                .build();
    }

    private Behavior<SupervisorCommand> apply(SupervisorInput input) {
        core.apply(input, System.nanoTime());
        return stopped ? Behaviors.stopped() : this;
    }

    private Behavior<SupervisorCommand> open(SupervisorCommand.OpenRing open) {
        if (!open.wish().isWaiting()) {
            // It was answered on its way here, and nobody would ever close the ring.
            return this;
        }
        clients.put(open.ringId(), open.wish());
        return apply(new SupervisorInput.Opens(open.ringId()));
    }

    private Behavior<SupervisorCommand> stop(SupervisorCommand.Stop stop) {
        setup.door().stop(stop.replyTo());
        return apply(SupervisorInput.Order.STOP);
    }

    private Behavior<SupervisorCommand> grown(SupervisorCommand.Grown grown) {
        growths.add(grown);
        answerGrowths();
        return apply(SupervisorInput.Order.GROW);
    }

    private void answerGrowths() {
        for (SupervisorCommand.Grown grown : List.copyOf(growths)) {
            if (grown.capacityBytes() <= capacityBytes) {
                growths.remove(grown);
                grown.replyTo().tell(Done.getInstance());
            }
        }
    }

    private Behavior<SupervisorCommand> kill(SupervisorCommand.Kill kill) {
        switch (kill.target()) {
            case BACKEND, HOST -> kill.replyTo().tell(killChild(kill.target(), kill.mode()));
            case FRONTEND -> kill.replyTo().tell(killFrontend(kill.mode()));
            case SUPERVISOR -> {
                kill.replyTo().tell(true);
                if (kill.mode() == KillMode.STOP) {
                    return Behaviors.stopped();
                }
                throw new KilledException("the supervisor was killed: " + kill.mode());
            }
        }
        return this;
    }

    private boolean killChild(SupervisorCommand.Target child, KillMode mode) {
        if (!core.isUp(child)) {
            return false;
        }
        apply(new SupervisorInput.Killed(child));
        if (child == SupervisorCommand.Target.HOST && executor != null) {
            killExecutor(executor, mode);
        } else if (backend != null) {
            killBackend(backend, mode);
        }
        return true;
    }

    private boolean killFrontend(KillMode mode) {
        Iterator<ActorRef<FrontendCommand>> oldestFirst = frontends.values().iterator();
        if (!oldestFirst.hasNext()) {
            return false;
        }
        ActorRef<FrontendCommand> oldest = oldestFirst.next();
        if (mode == KillMode.STOP) {
            getContext().stop(oldest);
        } else {
            oldest.tell(new FrontendCommand.Die(mode));
        }
        return true;
    }

    private void killExecutor(ActorRef<ExecutorCommand> target, KillMode mode) {
        if (mode == KillMode.STOP) {
            getContext().stop(target);
        } else {
            target.tell(new ExecutorCommand.Die(mode));
        }
    }

    private void killBackend(ActorRef<BackendMessage> target, KillMode mode) {
        switch (mode) {
            case STOP -> getContext().stop(target);
            case ERROR -> {
                setup.backend().killSwitch().arm();
                target.tell(BackendCommand.Wake.INSTANCE);
            }
            case INTERRUPT -> raise(target, Signal.INTERRUPT);
            case TERMINATE -> raise(target, Signal.TERMINATE);
        }
    }

    private void raise(ActorRef<BackendMessage> target, Signal signal) {
        if (!setup.backend().gate().raise(signal)) {
            target.tell(new BackendCommand.Signalled(signal));
        }
    }

    private Behavior<SupervisorCommand> ended(String how) {
        String reason = "disk " + setup.name() + " " + how;
        clients.values().forEach(client -> client.closed(reason));
        rings.values().forEach(ring -> ring.core().abandon());
        setup.door().close(reason);
        return this;
    }

    private <T> ActorRef<T> spawn(Behavior<T> child, String name, SupervisorInput whenItEnds) {
        ActorRef<T> started = getContext().spawn(child, name, setup.dispatcher());
        getContext().watch(started);
        endings.put(started.path(), whenItEnds);
        return started;
    }

    private Behavior<SupervisorCommand> childEnded(Terminated signal) {
        SupervisorInput input = Objects.requireNonNull(endings.remove(signal.getRef().path()));
        if (input instanceof SupervisorInput.FrontendEnded ended) {
            frontends.remove(ended.ringId());
        }
        at(KillPoint.SUPERVISOR_HEARS_OF_AN_END);
        QuietDeath death = deaths.remove(signal.getRef().path());
        Throwable cause = death == null ? null : death.causeOf(signal);
        if (input instanceof SupervisorInput.Died died && isOnPurpose(cause)) {
            apply(new SupervisorInput.Killed(died.child()));
        }
        if (cause == null || !(input instanceof SupervisorInput.Died died)) {
            return apply(input);
        }
        if (died.child() == SupervisorCommand.Target.BACKEND) {
            setup.backend().listener().backendFailed(cause);
        }
        return apply(new SupervisorInput.Died(died.child(), died.incarnation(), cause));
    }

    /** A child that was stopped was so on purpose: none stops by itself. Pekko wraps what a replay throws. */
    private static boolean isOnPurpose(@Nullable Throwable cause) {
        return cause == null
                || cause instanceof KilledException
                || (cause.getCause() != null && isOnPurpose(cause.getCause()));
    }

    private void at(KillPoint point) {
        setup.backend().killSwitch().at(point, getContext());
    }

    private <T> ActorRef<T> spawnMortal(
            Behavior<T> child, String name, SupervisorInput.Died whenItEnds) {
        QuietDeath death = new QuietDeath();
        ActorRef<T> started = spawn(death.of(child), name, whenItEnds);
        deaths.put(started.path(), death);
        return started;
    }

    @Override
    public void startBackend(long incarnation) {
        at(KillPoint.SUPERVISOR_STARTS_BACKEND);
        backend =
                spawnMortal(
                        Backend.create(
                                setup.backend(),
                                incarnation,
                                fromBackend,
                                Objects.requireNonNull(executor)),
                        "backend-" + incarnation,
                        new SupervisorInput.Died(SupervisorCommand.Target.BACKEND, incarnation));
    }

    @Override
    public boolean journalTakesWrites() {
        return setup.backend().journal().takesWrites().getAsBoolean();
    }

    @Override
    public void startExecutor(long incarnation) {
        at(KillPoint.SUPERVISOR_STARTS_HOST);
        executor =
                spawnMortal(
                        setup.executor().apply(incarnation),
                        "host-" + incarnation,
                        new SupervisorInput.Died(SupervisorCommand.Target.HOST, incarnation));
        tellBackend(new BackendCommand.ExecutorChanged(executor));
    }

    @Override
    public void after(long nanos, SupervisorInput input) {
        timers.startSingleTimer(input, input, Duration.ofNanos(nanos));
    }

    @Override
    public void capacityChanged() {
        if (executor != null) {
            executor.tell(ExecutorCommand.CapacityChanged.INSTANCE);
        }
    }

    @Override
    public void capacityKnown(long knownBytes) {
        capacityBytes = knownBytes;
        answerGrowths();
    }

    private void tellBackend(BackendCommand command) {
        if (backend != null) {
            backend.tell(command);
        }
    }

    @Override
    public void expectRings(long epoch, List<Long> ringIds) {
        at(KillPoint.SUPERVISOR_EXPECTS_RINGS);
        tellBackend(new BackendCommand.ExpectRings(epoch, ringIds));
    }

    @Override
    public void attach(long ringId, Outstanding outstanding, boolean closing) {
        at(KillPoint.SUPERVISOR_ATTACHES);
        tellBackend(new BackendCommand.Attach(ring(ringId), outstanding, closing));
    }

    @Override
    public void detach(long ringId) {
        at(KillPoint.SUPERVISOR_DETACHES);
        tellBackend(new BackendCommand.Detach(ringId));
    }

    @Override
    public boolean startRing(long ringId) {
        at(KillPoint.SUPERVISOR_STARTS_RING);
        FrontendCore driver;
        SlabPool.Lease payload =
                RingMemory.get(getContext().getSystem()).slabs().open(setup.name());
        if (payload == null) {
            return false;
        }
        try {
            driver = new FrontendCore(setup.shape(), payload);
        } catch (OutOfMemoryError e) {
            payload.close();
            getContext()
                    .getLog()
                    .error(
                            "Disk {} has no direct memory for another ring: {}",
                            setup.name(),
                            e.toString());
            return false;
        }
        ActorRef<SupervisorCommand> self = getContext().getSelf();
        Frontend.Setup frontend =
                new Frontend.Setup(
                        ringId,
                        driver,
                        client(ringId),
                        setup.shape().maxOutstandingRequests(),
                        setup.maxRequestBytes(),
                        setup.backend().listener(),
                        setup.backend().killSwitch(),
                        () -> self.tell(new SupervisorCommand.CloseRing(ringId)));
        Ring ring = new Ring(ringId, driver);
        rings.put(ringId, ring);
        ActorRef<FrontendCommand> started =
                spawn(
                        Behaviors.supervise(Frontend.create(frontend))
                                .onFailure(
                                        KilledException.class,
                                        SupervisorStrategy.stop().withLoggingEnabled(false)),
                        "ring-" + Long.toUnsignedString(ringId),
                        new SupervisorInput.FrontendEnded(ringId));
        frontends.put(ringId, started);
        ring.frontend(started);
        return true;
    }

    private Ring ring(long ringId) {
        return Objects.requireNonNull(rings.get(ringId));
    }

    private RingDoor.Wish client(long ringId) {
        return Objects.requireNonNull(clients.get(ringId));
    }

    @Override
    public void introduce(long ringId, long epoch) {
        at(KillPoint.SUPERVISOR_INTRODUCES);
        if (backend != null) {
            ring(ringId).tell(new FrontendCommand.Introduce(epoch, backend, fromFrontends));
        }
    }

    @Override
    public void opened(long ringId, long ringCapacityBytes) {
        at(KillPoint.SUPERVISOR_OPENS);
        ring(ringId).tell(new FrontendCommand.Opened(ringCapacityBytes));
    }

    @Override
    public void giveUp(long ringId, String reason) {
        ring(ringId).tell(new FrontendCommand.GiveUp(reason));
    }

    @Override
    public void endRing(long ringId, String reason) {
        at(KillPoint.SUPERVISOR_ENDS_RING);
        ring(ringId).tell(new FrontendCommand.Detached(reason));
    }

    @Override
    public void gone(long ringId, String reason) {
        at(KillPoint.SUPERVISOR_FORGETS_RING);
        client(ringId).closed(reason);
        clients.remove(ringId);
        Ring ring = rings.remove(ringId);
        if (ring != null) {
            ring.core().end();
        }
    }

    @Override
    public void stopped() {
        stopped = true;
    }
}
