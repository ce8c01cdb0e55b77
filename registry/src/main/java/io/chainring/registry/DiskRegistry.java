package io.chainring.registry;

import com.typesafe.config.Config;
import io.chainring.registry.rules.CorruptRegistryException;
import io.chainring.registry.rules.LookupAnswer;
import io.chainring.registry.rules.LookupKey;
import io.chainring.registry.rules.Refusal;
import io.chainring.registry.rules.RegisteredDisk;
import io.chainring.registry.rules.RegistryAnswer;
import io.chainring.registry.rules.RegistryAnswer.Refused;
import io.chainring.registry.rules.RegistryCore;
import io.chainring.registry.rules.RegistryEvent;
import io.chainring.registry.rules.RegistryRequest;
import io.chainring.registry.rules.RegistryState;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.BackoffSupervisorStrategy;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.BehaviorInterceptor;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.TypedActorContext;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.JournalPersistFailed;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.RecoveryFailed;
import org.apache.pekko.persistence.typed.SnapshotAdapter;
import org.apache.pekko.persistence.typed.SnapshotFailed;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * The disk registry's actor: the shell that journals what {@link RegistryCore} decides, and answers when it is
 * journaled. It decides nothing.
 *
 * <p>It dies and comes back by its journal; a request whose answer did not come is sent again with its id. Commands that
 * arrive while an event is being written wait, up to a limit; beyond it a request is answered {@link Refusal.Busy} at
 * once. Look-ups wait too; beyond twice the limit they get no answer, and may be sent again.
 */
public final class DiskRegistry
        extends EventSourcedBehavior<DiskRegistry.Command, RegistryEvent, RegistryState> {
    private static final int SNAPSHOTS_KEPT = 2;

    /** What the registry is told. */
    public sealed interface Command {}

    /** A request; the answer is journaled before it is given. */
    public record Ask(RegistryRequest request, ActorRef<RegistryAnswer> replyTo)
            implements Command {}

    /** Which disk is this? */
    public record Lookup(LookupKey key, ActorRef<LookupAnswer> replyTo) implements Command {}

    /** Dies now, and comes back by its journal. */
    public record Die(RegistryKilledException of) implements Command {}

    /** Every disk. */
    public record ListDisks(ActorRef<Disks> replyTo) implements Command {}

    /** Every disk, by disk name. */
    public record Disks(List<RegisteredDisk> disks) {}

    /**
     * Commands that have come in and were not handled yet. Pekko keeps the stash over a failure of the journal, and
     * throws it away with everything else over any other one; so this lives and dies with it.
     */
    private static final class Waiting {
        private int commands;
    }

    private final ActorContext<Command> context;
    private final RegistrySetup setup;
    private final Waiting waiting;
    private final RegistryState empty;
    private @Nullable RegistryState decidedAbout;
    private @Nullable RegistryCore core;
    private boolean failureTold;
    private boolean replaying = true;

    private DiskRegistry(ActorContext<Command> context, RegistrySetup setup, Waiting waiting) {
        super(PersistenceId.ofUniqueId(setup.persistenceId()), backoff(setup));
        this.context = context;
        this.setup = setup;
        this.waiting = waiting;
        empty = new RegistryState(setup.settings());
    }

    /** The registry of a node; there must be one for each persistence id. */
    public static Behavior<Command> create(RegistrySetup setup) {
        Behavior<Command> one =
                Behaviors.setup(
                        context -> {
                            Waiting waiting = new Waiting();
                            return Behaviors.intercept(
                                    () -> new Gate(waiting, setup.waitingLimitRequests()),
                                    new DiskRegistry(context, setup, waiting));
                        });
        return Behaviors.supervise(one)
                .onFailure(Exception.class, backoff(setup).withLogLevel(Level.ERROR));
    }

    private static BackoffSupervisorStrategy backoff(RegistrySetup setup) {
        return SupervisorStrategy.restartWithBackoff(
                        setup.backoffFirst(), setup.backoffLongest(), 0.1)
                .withStashCapacity(setup.waitingLimitRequests())
                .withLogLevel(Level.DEBUG);
    }

    /** Counts what comes in, and turns requests away when too many wait. */
    private static final class Gate extends BehaviorInterceptor<Command, Command> {
        private final Waiting waiting;
        private final int limitRequests;

        Gate(Waiting waiting, int limitRequests) {
            super(Command.class);
            this.waiting = waiting;
            this.limitRequests = limitRequests;
        }

        @Override
        public Behavior<Command> aroundReceive(
                TypedActorContext<Command> typedContext,
                Command command,
                ReceiveTarget<Command> target) {
            if (waiting.commands >= limitRequests && command instanceof Ask ask) {
                ask.replyTo().tell(new Refused(new Refusal.Busy(limitRequests)));
                return Behaviors.same();
            }
            waiting.commands++;
            return target.apply(typedContext, command);
        }
    }

    /** The stash holds what the gate lets in, and as many look-ups again. */
    @Override
    @SuppressWarnings(
            "unchecked") // The Java DSL has no door to the capacity; the Scala DSL behind it has.
    public Behavior<Command> apply(TypedActorContext<Command> typedContext) {
        return (Behavior<Command>)
                createEventSourcedBehavior()
                        .withStashCapacity(Math.multiplyExact(2, setup.waitingLimitRequests()));
    }

    /** Asked for once, and taken again by every restart: it stays empty, see {@link #eventHandler}. */
    @Override
    public RegistryState emptyState() {
        return empty;
    }

    @Override
    public String journalPluginId() {
        return setup.journalPluginId();
    }

    @Override
    public String snapshotPluginId() {
        return setup.snapshotPluginId();
    }

    @Override
    public Optional<Config> journalPluginConfig() {
        return Optional.ofNullable(setup.runtimeConfig());
    }

    @Override
    public Optional<Config> snapshotPluginConfig() {
        return Optional.ofNullable(setup.runtimeConfig());
    }

    @Override
    public RetentionCriteria retentionCriteria() {
        return RetentionCriteria.snapshotEvery(setup.snapshotEveryEvents(), SNAPSHOTS_KEPT)
                .withDeleteEventsOnSnapshot();
    }

    @Override
    public SnapshotAdapter<RegistryState> snapshotAdapter() {
        return new SnapshotAdapter<>() {
            @Override
            public Object toJournal(RegistryState state) {
                at(RegistryPoint.REGISTRY_SNAPSHOTTING);
                return RegistrySnapshot.of(state);
            }

            @Override
            public RegistryState fromJournal(Object from) {
                if (from instanceof RegistrySnapshot snapshot) {
                    return snapshot.thaw(setup.settings());
                }
                throw new CorruptRegistryException(
                        "a snapshot of " + from.getClass() + " is not the registry's");
            }
        };
    }

    @Override
    public EventHandler<RegistryState, RegistryEvent> eventHandler() {
        return (state, event) -> {
            if (replaying) {
                at(RegistryPoint.REGISTRY_REPLAYING);
            }
            return (state == empty ? new RegistryState(setup.settings()) : state).apply(event);
        };
    }

    @Override
    public SignalHandler<RegistryState> signalHandler() {
        return newSignalHandlerBuilder()
                .onSignal(RecoveryCompleted.instance(), this::recovered)
                .onSignal(SnapshotFailed.class, this::snapshotFailed)
                .onSignal(
                        RecoveryFailed.class,
                        (state, failed) -> failed("cannot be read", failed.getFailure()))
                .onSignal(
                        JournalPersistFailed.class,
                        (state, failed) -> failed("cannot be written", failed.getFailure()))
                .build();
    }

    private void at(RegistryPoint point) {
        RegistryKilledException death = setup.points().pass(point);
        if (death != null) {
            throw death;
        }
    }

    private void recovered(RegistryState state) {
        replaying = false;
        at(RegistryPoint.REGISTRY_RECOVERED);
        failureTold = false;
        context.getLog()
                .info("Disk registry is up with {} disks", Integer.toString(state.diskCount()));
    }

    /** One line an outage for people; each failure's stack trace is the supervisor's, on level debug. */
    private void failed(String how, Throwable failure) {
        replaying = true;
        if (failureTold) {
            return;
        }
        failureTold = true;
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        context.getLog()
                .error(
                        "The journal {} of the disk registry {}, nobody gets an answer, and it is tried again: {}",
                        setup.persistenceId(),
                        how,
                        cause.getMessage() == null ? cause.toString() : cause.getMessage());
    }

    private void snapshotFailed(RegistryState state, SnapshotFailed failed) {
        context.getLog()
                .warn(
                        "Snapshot of {} at {} failed, recovery will replay more events: {}",
                        setup.persistenceId(),
                        failed.metadata().sequenceNr(),
                        failed.failure().toString());
    }

    @Override
    public CommandHandler<Command, RegistryEvent, RegistryState> commandHandler() {
        return (state, command) -> handle(core(state), command);
    }

    private RegistryCore core(RegistryState state) {
        RegistryCore present = core;
        if (present == null || decidedAbout != state) {
            present = new RegistryCore(state, setup.settings());
            core = present;
            decidedAbout = state;
        }
        return present;
    }

    private Effect<RegistryEvent, RegistryState> handle(RegistryCore decisions, Command command) {
        waiting.commands--;
        if (command instanceof Lookup lookup) {
            lookup.replyTo().tell(decisions.lookup(lookup.key()));
            return Effect().none();
        }
        if (command instanceof ListDisks list) {
            list.replyTo().tell(new Disks(decisions.list()));
            return Effect().none();
        }
        if (command instanceof Die die) {
            throw die.of();
        }
        Ask ask = (Ask) command;
        RegistryCore.Decision decision =
                decisions.decide(ask.request(), setup.clock().instant().toEpochMilli());
        RegistryEvent event = decision.event();
        if (event == null) {
            ask.replyTo().tell(decision.answer());
            return Effect().none();
        }
        at(RegistryPoint.REGISTRY_DECIDED);
        return Effect().persist(event).thenRun(state -> recorded(ask, decision));
    }

    private void recorded(Ask ask, RegistryCore.Decision decision) {
        at(RegistryPoint.REGISTRY_RECORDED);
        ask.replyTo().tell(decision.answer());
        at(RegistryPoint.REGISTRY_ANSWERED);
    }
}
