package io.chainring.host;

import io.chainring.host.store.BlockStore;
import io.chainring.ring.backend.KillSwitch;
import io.chainring.ring.execute.Chain;
import io.chainring.ring.execute.ExecutorCommand;
import io.chainring.ring.execute.ExecutorReply;
import io.chainring.ring.request.Operation;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.signal.KilledException;
import io.chainring.ring.turn.KillPoint;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.pekko.actor.DeadLetterSuppression;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Executes the chains of one disk against its block store: the actor around {@link HostCore}, which
 * decides, and {@link HostWorkers}, which outlive it.
 *
 * <p>Reads and writes run in its own message handling or in the pool, as {@link IoMode} says; the rest
 * may wait for a disk and runs in the pool always. The outcomes of one batch that ran inline leave in one
 * message, those of the pool as many at a time as have come together.
 *
 * <p>It dies of an {@link Error} thrown by the store, of a backend that breaks its limits, and when asked
 * to ({@link ExecutorCommand.Die}); a chain may end so many hosts only ({@link DeadlyChains}). What is inside of the store then stays there; the next incarnation
 * waits for it (H1).
 */
public final class Host extends AbstractBehavior<Object> implements HostEffects {
    private static final Logger LOG = LoggerFactory.getLogger(Host.class);

    /** Work of the pool has ended; one is enough however much. */
    private enum Wake implements DeadLetterSuppression {
        WORK_ENDED
    }

    /** The threads of earlier incarnations are out of the store. */
    private record PredecessorsIdle(Host host) implements DeadLetterSuppression {}

    private final ActorRef<Object> self;
    private final BlockStore store;
    private final long incarnation;
    private final HostListener listener;
    private final ChainIo io;
    private final IoModeSelector mode;
    private final HostCore core;
    private final HostWorkers workers;
    private final HostWorkers.Lease lease;
    private final KillSwitch kills;
    private final ArrayDeque<PoolTask> waitForPool = new ArrayDeque<>();
    private final Queue<PoolTask> ended = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private @Nullable ActorRef<ExecutorReply> backend;
    private long nowNanos;

    /** Calls in the pool, or on their way there, in which a file may be locked for long: a write would wait for them. */
    private int longCalls;

    private Host(
            ActorContext<Object> context,
            BlockStore store,
            HostWorkers workers,
            long incarnation,
            HostSettings settings,
            String serial,
            HostListener listener,
            KillSwitch kills) {
        super(context);
        this.kills = kills;
        this.store = store;
        this.incarnation = incarnation;
        this.listener = listener;
        this.io = new ChainIo(store, serial, workers.deadly(), workers.pieces());
        this.mode = new IoModeSelector(settings);
        this.core = new HostCore(incarnation, settings.outstandingLimitChains(), this);
        this.workers = workers;
        this.self = context.getSelf();
        PredecessorsIdle idle = new PredecessorsIdle(this);
        this.lease = workers.attach(incarnation, () -> self.tell(idle));
    }

    /**
     * One incarnation of a disk's host. It holds neither store nor workers: closing them, when the last
     * incarnation is gone, is for whoever made them.
     *
     * @param workers the same for all incarnations of this disk
     * @param incarnation higher than that of any host before over these workers
     * @param serial what GET_ID answers; cut to 20 bytes
     * @param listener hears of the work done
     * @param kills the disk's
     */
    public static Behavior<ExecutorCommand> create(
            BlockStore store,
            HostWorkers workers,
            long incarnation,
            HostSettings settings,
            String serial,
            HostListener listener,
            KillSwitch kills) {
        return Behaviors.<Object>setup(
                        context ->
                                new Host(
                                        context,
                                        store,
                                        workers,
                                        incarnation,
                                        settings,
                                        serial,
                                        listener,
                                        kills))
                .narrow();
    }

    @Override
    public Receive<Object> createReceive() {
        return newReceiveBuilder()
                .onMessage(ExecutorCommand.Execute.class, this::execute)
                .onMessageEquals(Wake.WORK_ENDED, this::workEnded)
                .onMessage(ExecutorCommand.Adopt.class, this::adopt)
                .onMessage(PredecessorsIdle.class, this::predecessorsIdle)
                .onMessageEquals(ExecutorCommand.CapacityChanged.INSTANCE, this::capacityChanged)
                .onMessage(ExecutorCommand.Die.class, this::die)
                .onSignal(PostStop.class, signal -> revoke())
                .onSignal(PreRestart.class, signal -> revoke())
                .build();
    }

    private Behavior<Object> adopt(ExecutorCommand.Adopt adopt) {
        if (core.accepts(adopt.epoch())) {
            at(KillPoint.HOST_ADOPTING);
            backend = adopt.replyTo();
            core.adopt(adopt.epoch());
        }
        return this;
    }

    private Behavior<Object> predecessorsIdle(PredecessorsIdle idle) {
        if (idle.host() == this) {
            core.predecessorsIdle();
        }
        return this;
    }

    private Behavior<Object> execute(ExecutorCommand.Execute execute) {
        if (!lease.enter()) {
            LOG.warn(
                    "{}: a later host has taken over, incarnation {} ends",
                    store.name(),
                    incarnation);
            return Behaviors.stopped();
        }
        try {
            nowNanos = System.nanoTime();
            core.execute(
                    execute.epoch(),
                    execute.incarnation(),
                    execute.chains(),
                    execute.journaledUpTo(),
                    nowNanos);
        } catch (Error e) {
            throw new IllegalStateException("the store " + store.name() + " threw " + e, e);
        } finally {
            lease.leave();
        }
        core.settle();
        return this;
    }

    private Behavior<Object> workEnded() {
        woken.set(false);
        nowNanos = System.nanoTime();
        for (PoolTask task = ended.poll(); task != null; task = ended.poll()) {
            Throwable error = task.error;
            if (error != null) {
                throw new IllegalStateException(
                        "the store " + store.name() + " threw " + error, error);
            }
            Chain chain = task.chain;
            at(chain == null ? KillPoint.HOST_SYNCED : KillPoint.HOST_ENDED);
            if (chain == null) {
                listener.synced(task.chains, task.nanos);
                core.synced(task.status);
            } else {
                longCalls -= mayLockTheFile(chain) ? 1 : 0;
                observe(chain, task.nanos);
                core.finished(chain);
            }
        }
        core.settle();
        while (!waitForPool.isEmpty() && lease.submit(waitForPool.getFirst())) {
            waitForPool.removeFirst();
        }
        listener.poolQueue(workers.queuedTasks() + waitForPool.size());
        return this;
    }

    /** Before an adoption is answered there is nothing to say: its answer will have the size. */
    private Behavior<Object> capacityChanged() {
        if (core.state() == HostCore.State.ADOPTED) {
            answer(
                    new ExecutorReply.Resized(
                            core.adoptedEpoch(), incarnation, store.capacityBytes()));
        }
        return this;
    }

    private Behavior<Object> die(ExecutorCommand.Die die) {
        if (die.mode() == KillMode.STOP) {
            return Behaviors.stopped();
        }
        throw new KilledException("the host of " + store.name() + " was killed: " + die.mode());
    }

    private Behavior<Object> revoke() {
        lease.revoke();
        return this;
    }

    @Override
    public void start(Chain chain) {
        at(KillPoint.HOST_STARTING);
        boolean inline =
                switch (chain.operation()) {
                    case READ, WRITE -> mode.inline() && longCalls == 0;
                    case GET_ID -> true;
                    case FLUSH, DISCARD, WRITE_ZEROES, EXTENTS -> false;
                };
        if (!inline) {
            longCalls += mayLockTheFile(chain) ? 1 : 0;
            submit(new PoolTask(chain, 0));
            return;
        }
        // One look at the clock per chain: the end of one is the beginning of the next.
        long began = nowNanos;
        inside(chain);
        if (!io.execute(chain)) {
            throw new IllegalStateException(chain + " has pieces, and runs inline");
        }
        nowNanos = System.nanoTime();
        observe(chain, nowNanos - began);
        at(KillPoint.HOST_ENDED);
        core.finished(chain);
    }

    private void at(KillPoint point) {
        kills.at(point, getContext());
    }

    /** On any thread: what is with the store stays there, whoever dies meanwhile. */
    private void inside(Chain chain) {
        KillMode mode = kills.at(KillPoint.HOST_INSIDE, chain);
        if (mode != null) {
            self.tell(new ExecutorCommand.Die(mode));
        }
    }

    /** A file system holds a file's lock while it removes its extents, or looks for the end of one. */
    private static boolean mayLockTheFile(Chain chain) {
        return ChainIo.isLong(chain) || chain.operation() == Operation.EXTENTS;
    }

    private void observe(Chain chain, long nanos) {
        boolean counts =
                switch (chain.operation()) {
                    case READ, WRITE -> true;
                    case GET_ID, FLUSH, DISCARD, WRITE_ZEROES, EXTENTS -> false;
                };
        if (counts && mode.observed(nanos, chain.lengthBytes())) {
            LOG.debug(
                    "{}: reads and writes run {} from now on",
                    store.name(),
                    mode.inline() ? "inline" : "in the pool");
            listener.inlineChanged(mode.inline());
        }
    }

    private void submit(PoolTask task) {
        if (!waitForPool.isEmpty() || !lease.submit(task)) {
            waitForPool.addLast(task);
        }
    }

    @Override
    public void sync(int chains) {
        at(KillPoint.HOST_SYNCING);
        submit(new PoolTask(null, chains));
    }

    @Override
    public void adopted(long epoch, List<Chain> running, List<Chain> done) {
        answer(new ExecutorReply.Adopted(epoch, incarnation, store.capacityBytes(), running, done));
        at(KillPoint.HOST_ADOPTED);
    }

    @Override
    public void executed(long epoch, List<Chain> chains) {
        at(KillPoint.HOST_REPORTING);
        answer(new ExecutorReply.Executed(epoch, incarnation, chains));
        at(KillPoint.HOST_REPORTED);
    }

    private void answer(ExecutorReply reply) {
        ActorRef<ExecutorReply> present = backend;
        if (present != null) {
            present.tell(reply);
        }
    }

    @Override
    public void ended(Chain chain, long sinceNanos) {
        listener.chainEnded(chain.operation(), chain.status(), nowNanos - sinceNanos);
    }

    @Override
    public void overlapRefused(Chain chain) {
        listener.overlapRefused();
    }

    /** One chain, or one sync, in the pool. Written by its thread, read by the host after it came back. */
    private final class PoolTask implements Runnable {
        private final @Nullable Chain chain;
        private final int chains;
        private long nanos;
        private byte status;
        private @Nullable Throwable error;

        /**
         * @param chain null for a sync
         * @param chains how many chains a sync is for
         */
        PoolTask(@Nullable Chain chain, int chains) {
            this.chain = chain;
            this.chains = chains;
        }

        @Override
        public void run() {
            try {
                if (chain == null) {
                    long began = System.nanoTime();
                    status = io.sync();
                    nanos = System.nanoTime() - began;
                } else if (!execute(chain)) {
                    return;
                }
            } catch (Error e) {
                error = e;
            }
            ended.add(this);
            if (!woken.getAndSet(true)) {
                self.tell(Wake.WORK_ENDED);
            }
        }

        /** Between two pieces whatever waits for a thread gets one; whoever died meanwhile is not worked for. */
        private boolean execute(Chain pieces) {
            boolean isDone = false;
            while (!isDone) {
                long began = System.nanoTime();
                inside(pieces);
                isDone = io.execute(pieces);
                nanos += System.nanoTime() - began;
                if (!isDone && (lease.isRevoked() || lease.submit(this))) {
                    return false;
                }
            }
            return true;
        }
    }
}
