package io.chainring.ring.backend;

import com.typesafe.config.Config;
import io.chainring.ring.execute.BackendMessage;
import io.chainring.ring.execute.Chain;
import io.chainring.ring.execute.ExecutorCommand;
import io.chainring.ring.execute.ExecutorReply;
import io.chainring.ring.record.BackendSnapshot;
import io.chainring.ring.record.BackendState;
import io.chainring.ring.record.CorruptRecordException;
import io.chainring.ring.record.TurnEvent;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.signal.KilledException;
import io.chainring.ring.signal.Signal;
import io.chainring.ring.turn.BackendCore;
import io.chainring.ring.turn.BackendEffects;
import io.chainring.ring.turn.KillPoint;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.TypedActorContext;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.SnapshotAdapter;
import org.apache.pekko.persistence.typed.SnapshotCompleted;
import org.apache.pekko.persistence.typed.SnapshotFailed;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;
import org.jspecify.annotations.Nullable;

/**
 * One incarnation of a disk's backend: the shell that turns messages into inputs of {@link BackendCore} and its effects
 * into messages and records. It decides nothing.
 *
 * <p>A turn's record is its one event; while it is under way Pekko stashes what arrives, which is bounded: a kick and
 * an attach a ring, the executor's answers to what is in flight, and the supervisor's few words.
 */
public final class Backend extends EventSourcedBehavior<BackendMessage, TurnEvent, BackendState>
        implements BackendEffects {
    private static final int STASH_MARGIN_MESSAGES = 4096;
    private static final int SNAPSHOTS_KEPT = 2;

    private final ActorContext<BackendMessage> context;
    private final BackendSetup setup;
    private final long incarnation;
    private final ActorRef<BackendNotice> parent;
    private ActorRef<ExecutorCommand> executor;
    private @Nullable BackendCore core;
    private @Nullable TurnEvent toPersist;
    private long recordingSinceNanos;
    private long replayedRecords;

    private Backend(
            ActorContext<BackendMessage> context,
            BackendSetup setup,
            long incarnation,
            ActorRef<BackendNotice> parent,
            ActorRef<ExecutorCommand> executor) {
        super(PersistenceId.ofUniqueId(setup.persistenceId()));
        this.context = context;
        this.setup = setup;
        this.incarnation = incarnation;
        this.parent = parent;
        this.executor = executor;
    }

    /**
     * A backend incarnation. It stops when it fails; its parent starts the next one.
     *
     * @param setup what it shares with the other incarnations
     * @param incarnation its number, which its parent knows it by
     * @param parent hears {@link BackendNotice}
     * @param executor executes its chains
     */
    public static Behavior<BackendMessage> create(
            BackendSetup setup,
            long incarnation,
            ActorRef<BackendNotice> parent,
            ActorRef<ExecutorCommand> executor) {
        return Behaviors.setup(
                context -> {
                    setup.gate().reset();
                    setup.killSwitch().disarm();
                    return new Backend(context, setup, incarnation, parent, executor);
                });
    }

    /**
     * Typed persistence publishes each event to the event stream on the default dispatcher, which costs a wake-up of
     * another thread a turn, and the Java DSL has no switch for it; the Scala DSL behind it has.
     */
    @Override
    @SuppressWarnings("unchecked")
    public Behavior<BackendMessage> apply(TypedActorContext<BackendMessage> typedContext) {
        int rings = setup.limits().ringLimit();
        int stashMessages =
                STASH_MARGIN_MESSAGES + 4 * rings + setup.limits().inFlightLimitChains();
        return (Behavior<BackendMessage>)
                createEventSourcedBehavior()
                        .withEventPublishing(false)
                        .withStashCapacity(stashMessages);
    }

    @Override
    public BackendState emptyState() {
        return new BackendState();
    }

    @Override
    public String journalPluginId() {
        return setup.journal().journalPluginId();
    }

    @Override
    public String snapshotPluginId() {
        return setup.journal().snapshotPluginId();
    }

    @Override
    public Optional<Config> journalPluginConfig() {
        return Optional.ofNullable(setup.journal().runtimeConfig());
    }

    @Override
    public Optional<Config> snapshotPluginConfig() {
        return Optional.ofNullable(setup.journal().runtimeConfig());
    }

    @Override
    public RetentionCriteria retentionCriteria() {
        return RetentionCriteria.snapshotEvery(setup.journal().snapshotEveryTurns(), SNAPSHOTS_KEPT)
                .withDeleteEventsOnSnapshot();
    }

    @Override
    public SnapshotAdapter<BackendState> snapshotAdapter() {
        return new SnapshotAdapter<>() {
            @Override
            public Object toJournal(BackendState state) {
                at(KillPoint.SNAPSHOTTING, null);
                return BackendSnapshot.of(state);
            }

            @Override
            public BackendState fromJournal(Object from) {
                if (from instanceof BackendSnapshot snapshot) {
                    return snapshot.thaw();
                }
                throw new CorruptRecordException(
                        "a snapshot of " + from.getClass() + " is not a backend's");
            }
        };
    }

    @Override
    public EventHandler<BackendState, TurnEvent> eventHandler() {
        return (state, record) -> {
            if (core == null) {
                replayedRecords++;
                at(KillPoint.REPLAYING, null);
            }
            return state.apply(record);
        };
    }

    @Override
    public SignalHandler<BackendState> signalHandler() {
        return newSignalHandlerBuilder()
                .onSignal(RecoveryCompleted.instance(), this::recovered)
                .onSignal(SnapshotFailed.class, this::snapshotFailed)
                .onSignal(SnapshotCompleted.class, (state, stored) -> at(KillPoint.DELETING, null))
                .build();
    }

    private void recovered(BackendState state) {
        setup.statistics().replayedRecords.set(replayedRecords);
        core = new BackendCore(state, setup.limits(), this, setup.cursor(), setup.statistics());
        context.getSelf().tell(BackendCommand.Self.START);
    }

    private void snapshotFailed(BackendState state, SnapshotFailed failed) {
        context.getLog()
                .warn(
                        "Snapshot of {} at {} failed, recovery will replay more events: {}",
                        setup.persistenceId(),
                        failed.metadata().sequenceNr(),
                        failed.failure().toString());
    }

    @Override
    public CommandHandler<BackendMessage, TurnEvent, BackendState> commandHandler() {
        return (state, message) -> handle(message);
    }

    private Effect<TurnEvent, BackendState> handle(BackendMessage message) {
        BackendCore decisions = core;
        if (decisions == null) {
            throw new IllegalStateException(
                    "a command before the recovery is complete: " + message);
        }
        setup.killSwitch().actIfArmed();
        dispatch(decisions, message);
        TurnEvent record = toPersist;
        if (record == null) {
            return Effect().none();
        }
        toPersist = null;
        recordingSinceNanos = System.nanoTime();
        setup.statistics().recordingSinceNanos.set(recordingSinceNanos);
        return Effect().persist(record).thenRun(state -> recorded(decisions, record));
    }

    private void recorded(BackendCore decisions, TurnEvent record) {
        long nanos = System.nanoTime() - recordingSinceNanos;
        setup.statistics().recordingSinceNanos.set(0);
        setup.listener().recorded(record.begun().size(), record.completed().size(), nanos);
        decisions.recorded(record);
        if (toPersist != null) {
            throw new IllegalStateException("a record follows directly from another");
        }
    }

    private void dispatch(BackendCore decisions, BackendMessage message) {
        if (message instanceof ExecutorReply.Executed executed) {
            decisions.executed(executed.epoch(), executed.incarnation(), executed.chains());
        } else if (message instanceof ExecutorReply.Adopted adopted) {
            decisions.adopted(
                    adopted.epoch(),
                    adopted.incarnation(),
                    adopted.capacityBytes(),
                    adopted.running(),
                    adopted.done());
        } else if (message instanceof ExecutorReply.Resized resized) {
            decisions.resized(resized.epoch(), resized.incarnation(), resized.capacityBytes());
        } else if (message instanceof BackendCommand command) {
            obey(decisions, command);
        } else {
            throw new IllegalArgumentException("not a backend's message: " + message);
        }
    }

    private void obey(BackendCore decisions, BackendCommand command) {
        if (command instanceof BackendCommand.Kick || command == BackendCommand.Self.CONTINUE) {
            decisions.turn();
        } else if (command == BackendCommand.Self.START) {
            decisions.start();
        } else if (command instanceof BackendCommand.Attach attach) {
            decisions.attach(attach.transport(), attach.outstanding(), attach.closing());
        } else if (command instanceof BackendCommand.Detach detach) {
            decisions.detach(detach.ringId());
        } else if (command instanceof BackendCommand.ExpectRings expect) {
            decisions.expectRings(expect.epoch(), expect.ringIds());
        } else if (command instanceof BackendCommand.ExecutorChanged changed) {
            executor = changed.executor();
            decisions.executorChanged();
        } else if (command instanceof BackendCommand.Signalled signalled) {
            throw new KilledException("killed by signal " + signalled.signal());
        }
    }

    @Override
    public void persist(TurnEvent record) {
        if (toPersist != null) {
            throw new IllegalStateException("two records in one turn");
        }
        toPersist = record;
    }

    @Override
    public void adopt(long epoch) {
        executor.tell(new ExecutorCommand.Adopt(epoch, context.getSelf().narrow()));
    }

    @Override
    public void requestRings(long epoch) {
        parent.tell(new BackendNotice.RingsWanted(incarnation, epoch));
    }

    @Override
    public void execute(long epoch, long incarnation, List<Chain> chains, long journaledUpTo) {
        executor.tell(new ExecutorCommand.Execute(epoch, incarnation, chains, journaledUpTo));
    }

    @Override
    public void maskSignals() {
        setup.gate().mask();
    }

    @Override
    public void unmaskSignals() {
        Signal deferred = setup.gate().unmask();
        if (deferred != null) {
            throw new KilledException(
                    "killed by signal " + deferred + ", deferred until the frontend was informed");
        }
    }

    @Override
    public void ringAttached(long ringId) {
        parent.tell(new BackendNotice.RingAttached(ringId));
    }

    @Override
    public void ringMustClose(long ringId, String reason) {
        parent.tell(new BackendNotice.RingMustClose(ringId, reason));
    }

    @Override
    public void ringDetached(long ringId, String reason) {
        parent.tell(new BackendNotice.RingDetached(ringId, reason));
    }

    @Override
    public void continueLater() {
        context.getSelf().tell(BackendCommand.Self.CONTINUE);
    }

    @Override
    public void capacityKnown(long capacityBytes) {
        parent.tell(new BackendNotice.CapacityKnown(capacityBytes));
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public void serving() {
        parent.tell(new BackendNotice.Serving(setup.statistics().epoch.get()));
    }

    @Override
    public void at(KillPoint point, @Nullable Chain chain) {
        KillMode mode = setup.killSwitch().atBackend(point, chain);
        if (mode != null) {
            dieAt(point, mode);
        }
    }

    private void dieAt(KillPoint point, KillMode mode) {
        switch (mode) {
            case ERROR -> throw new KilledException("killed at " + point);
            case STOP -> KillSwitch.stop(context);
            case INTERRUPT -> signalled(Signal.INTERRUPT);
            case TERMINATE -> signalled(Signal.TERMINATE);
        }
    }

    private void signalled(Signal signal) {
        if (!setup.gate().raise(signal)) {
            context.getSelf().tell(new BackendCommand.Signalled(signal));
        }
    }
}
