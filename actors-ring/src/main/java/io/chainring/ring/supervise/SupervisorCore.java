package io.chainring.ring.supervise;

import io.chainring.base.lifecycle.Lifecycle;
import io.chainring.base.lifecycle.Transitions;
import io.chainring.ring.backend.BackendNotice;
import io.chainring.ring.backend.RingListener;
import io.chainring.ring.frontend.FrontendCommand;
import io.chainring.ring.supervise.RingLife.State;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import io.chainring.ring.turn.RingStatistics;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The decisions of one disk's supervisor: state x input to effects, without actors or clock.
 *
 * <p>It is the one through which backend and rings meet: attach and detach of a ring reach each backend incarnation in
 * one order. It owns three lifecycles, each a table of legal moves: its own, those of the two children that may die
 * and come again ({@link Incarnations}), and in {@link RingsCore} that of each ring ({@link RingLife}).
 *
 * <pre>
 *   backend died ----> (backoff) ----> next incarnation --RingsWanted--> each frontend: introduce
 *                                          ^   expectRings, attach...   <--Introduced-- (or ended: its ring is closing)
 *                     (and until its journal takes writes)
 *   executor died ---> (backoff) ----> next incarnation; the backend is told and sorts out what it had given
 *   frontend died, or its client closed ----> detach ----> Detached ----> the ring's memory is let go
 *
 *   RUNNING --Stop: no ring opens, each closes--> STOPPING --the last is gone--> STOPPED
 * </pre>
 *
 * What it holds to:
 *
 * <ul>
 *   <li>A ring opens only when all rings that were closing before have been drained (I9).
 *   <li>Its client hears that it is open after the backend has recorded it, and with the size that the backend lets in:
 *       nothing is told before it is true. Who is one too many hears so instead, and nobody else.
 *   <li>Of a ring that no backend was ever told of nothing can be recorded: it goes at once, also when none is up.
 *   <li>No message is counted on. Each incarnation asks for the rings, and word of a dead one is either still true (a
 *       ring is recorded, is drained, must close) or bears the number of its incarnation or epoch.
 *   <li>Rings are counted against one limit, in the order in which they were wished for (I10).
 * </ul>
 */
public final class SupervisorCore {
    private static final Logger LOG = LoggerFactory.getLogger(SupervisorCore.class);

    /** How often a journal that takes no writes is looked at. */
    static final long JOURNAL_LOOK_NANOS = 500_000_000;

    /** Attempts in a row to bring a backend up that led to nothing, after which a stop waits for none. */
    static final int FUTILE_ATTEMPTS = 8;

    private enum Phase {
        RUNNING,
        STOPPING,
        STOPPED
    }

    private static final Transitions<Phase> LEGAL =
            Transitions.of(Phase.class)
                    .from(Phase.RUNNING, Phase.STOPPING)
                    .from(Phase.STOPPING, Phase.STOPPED);

    /**
     * What it goes by.
     *
     * @param disk name of the disk
     * @param ringLimit most rings at once
     * @param backoffFirst wait before the second restart in a row
     * @param backoffLongest longest wait
     * @param outageLimit null waits for ever
     */
    public record Policy(
            String disk,
            int ringLimit,
            Duration backoffFirst,
            Duration backoffLongest,
            @Nullable Duration outageLimit) {}

    private final Policy policy;
    private final SupervisorEffects effects;
    private final RingStatistics statistics;
    private final RingListener listener;
    private final Lifecycle<Phase> phase;
    private final RingsCore rings;
    private final Incarnations backend;
    private final Incarnations executor;
    private final DeathLog.Child backendLog;
    private final DeathLog.Child executorLog;
    private long turnsWhenServing;
    private long epochBefore;

    /**
     * @param nowNanos monotonic time; each input brings a later one
     */
    public SupervisorCore(
            Policy policy,
            SupervisorEffects effects,
            RingStatistics statistics,
            RingListener listener,
            long nowNanos) {
        this(policy, effects, statistics, listener, DeathLog.SHARED, nowNanos);
    }

    SupervisorCore(
            Policy policy,
            SupervisorEffects effects,
            RingStatistics statistics,
            RingListener listener,
            DeathLog log,
            long nowNanos) {
        this.policy = policy;
        this.effects = effects;
        this.statistics = statistics;
        this.listener = listener;
        this.phase = LEGAL.startIn(Phase.RUNNING, "disk " + policy.disk());
        this.backend = new Incarnations("backend", backoff(), statistics.usefulBackends, nowNanos);
        this.executor =
                new Incarnations("executor", backoff(), statistics.usefulExecutors, nowNanos);
        this.backendLog = log.child(policy.disk(), Target.BACKEND);
        this.executorLog = log.child(policy.disk(), Target.HOST);
        this.rings = new RingsCore(policy, effects, backend);
    }

    private Backoff backoff() {
        return new Backoff(policy.backoffFirst(), policy.backoffLongest());
    }

    /** Whether that child, a backend or a host, is up. */
    public boolean isUp(Target child) {
        return !of(child).is(Incarnations.State.DOWN);
    }

    private Incarnations of(Target child) {
        return switch (child) {
            case BACKEND -> backend;
            case HOST -> executor;
            case FRONTEND, SUPERVISOR ->
                    throw new IllegalArgumentException(child + " has no incarnations");
        };
    }

    /**
     * The one way in.
     *
     * @param nowNanos monotonic time
     */
    public void apply(SupervisorInput input, long nowNanos) {
        if (phase.is(Phase.STOPPED)) {
            return;
        }
        if (input instanceof SupervisorInput.Noticed noticed) {
            heard(noticed.notice(), nowNanos);
        } else if (input instanceof SupervisorInput.Opens opens) {
            rings.open(opens.ringId(), nowNanos);
        } else if (input instanceof SupervisorInput.Introduced introduced) {
            FrontendCommand.Introduced said = introduced.said();
            if (backend.takesRingsIn(said.epoch())) {
                rings.introduced(said.ringId(), said.outstanding());
            }
        } else if (input instanceof SupervisorCommand.CloseRing close) {
            rings.close(close.ringId());
        } else if (input instanceof SupervisorInput.FrontendEnded ended) {
            rings.frontendEnded(ended.ringId());
        } else if (input instanceof SupervisorInput.Killed killed) {
            of(killed.child()).killed();
        } else if (input instanceof SupervisorInput.Died died) {
            died(died, nowNanos);
        } else if (input instanceof SupervisorInput.StartNext next) {
            startAgain(next.child(), nowNanos);
        } else if (input instanceof SupervisorInput.Order order) {
            obey(order, nowNanos);
        }
        if (phase.is(Phase.STOPPING)) {
            if (rings.isEmpty()) {
                phase.to(Phase.STOPPED);
                effects.stopped();
            } else if (backend.inVain() >= FUTILE_ATTEMPTS) {
                stopWithoutJournal();
            }
        }
    }

    private void obey(SupervisorInput.Order order, long nowNanos) {
        switch (order) {
            case START -> {
                start(Target.HOST, nowNanos);
                start(Target.BACKEND, nowNanos);
            }
            case GROW -> effects.capacityChanged();
            case LOOK_FOR_OUTAGE -> lookForOutage(nowNanos);
            case STOP -> stop();
        }
    }

    private void heard(BackendNotice notice, long nowNanos) {
        if (notice instanceof BackendNotice.RingsWanted wanted) {
            ringsWanted(wanted);
        } else if (notice instanceof BackendNotice.Serving up) {
            serving(up.epoch(), nowNanos);
        } else if (notice instanceof BackendNotice.CapacityKnown known) {
            rings.capacityKnown(known.capacityBytes());
        } else if (notice instanceof BackendNotice.RingAttached came) {
            rings.attached(came.ringId());
        } else if (notice instanceof BackendNotice.RingMustClose broken) {
            rings.close(broken.ringId());
        } else if (notice instanceof BackendNotice.RingDetached gone) {
            rings.detached(gone.ringId(), gone.reason());
        }
    }

    private void start(Target child, long nowNanos) {
        long incarnation = of(child).start();
        if (child == Target.BACKEND) {
            statistics.backendRestarts.addAndGet(incarnation > 1 ? 1 : 0);
            epochBefore = statistics.epoch.get();
            effects.startBackend(incarnation);
        } else {
            statistics.executorRestarts.addAndGet(incarnation > 1 ? 1 : 0);
            executor.serves(nowNanos);
            effects.startExecutor(incarnation);
        }
    }

    /** A backend would read its past, fail with its first record, and fill the log with that, as long as the journal is full. */
    private void startAgain(Target child, long nowNanos) {
        if (child == Target.BACKEND && !effects.journalTakesWrites()) {
            backend.lookedInVain();
            effects.after(JOURNAL_LOOK_NANOS, new SupervisorInput.StartNext(child));
        } else {
            start(child, nowNanos);
        }
    }

    private void died(SupervisorInput.Died died, long nowNanos) {
        if (!of(died.child()).isUp(died.incarnation())) {
            return;
        }
        boolean unanswered =
                died.child() == Target.BACKEND
                        && statistics.recordingSinceNanos.get() != 0
                        && statistics.turns.get() == turnsWhenServing;
        long pauseNanos = of(died.child()).died(nowNanos, !unanswered);
        say(died, pauseNanos, nowNanos);
        if (died.child() == Target.BACKEND) {
            statistics.recordingSinceNanos.set(0);
            listener.backendDied();
            rings.backendDied();
        }
        if (pauseNanos == 0) {
            startAgain(died.child(), nowNanos);
        } else {
            statistics.waitedRestarts.incrementAndGet();
            effects.after(pauseNanos, new SupervisorInput.StartNext(died.child()));
        }
    }

    /**
     * Ends as it would by its own death (D1), from which the journal of the next start recovers: it abandons the marks of
     * the rings that are here (P1). Draining them would take a journal.
     */
    private void stopWithoutJournal() {
        LOG.warn(
                "Disk {} stops without its journal, which takes no records; what was not answered may be done or not",
                policy.disk());
        phase.to(Phase.STOPPED);
        effects.stopped();
    }

    private void serving(long epoch, long nowNanos) {
        if (backend.is(Incarnations.State.RESUMING) && backend.takesRingsIn(epoch)) {
            turnsWhenServing = statistics.turns.get();
            backendLog.serves(epochText(), statistics.resumedChains.get(), nowNanos);
            long nanos = backend.serves(nowNanos);
            statistics.recoveries.add(nanos);
            listener.recovered(epoch, nanos);
        }
        if (backend.is(Incarnations.State.SERVING) && isUp(Target.HOST)) {
            executorLog.serves(executorText(), statistics.reexecutedChains.get(), nowNanos);
        }
    }

    private void say(SupervisorInput.Died died, long pauseNanos, long nowNanos) {
        int inFlight = statistics.inFlightChains.get();
        if (died.child() == Target.HOST) {
            executorLog.died(
                    executorText(),
                    died.cause(),
                    inFlight,
                    pauseNanos,
                    statistics.reexecutedChains.get(),
                    nowNanos);
        } else {
            backendLog.died(
                    epochText(),
                    died.cause(),
                    inFlight,
                    effects.journalTakesWrites() ? pauseNanos : -1,
                    statistics.resumedChains.get(),
                    nowNanos);
        }
    }

    /** Of the backend that is up, or was last. */
    private String epochText() {
        long epoch = statistics.epoch.get();
        if (epoch != epochBefore) {
            return "of epoch " + epoch;
        }
        return "of no epoch yet" + (epoch == 0 ? "" : " (the last is " + epoch + ")");
    }

    private String executorText() {
        return executor.number() + " in epoch " + statistics.epoch.get();
    }

    private void ringsWanted(BackendNotice.RingsWanted wanted) {
        if (backend.isUp(wanted.incarnation())) {
            backend.resumes(wanted.epoch());
            rings.wanted();
        }
    }

    /**
     * J2: what waits for the journal longer than the limit ends with an I/O error, and its ring closes. Who waits longer
     * for a ring, whatever keeps it, hears that it does not open.
     */
    private void lookForOutage(long nowNanos) {
        Duration limit = policy.outageLimit();
        if (limit == null) {
            return;
        }
        String waited = " for " + limit.toSeconds() + " s (outage-limit)";
        if (isSilentFor(limit, nowNanos)) {
            rings.giveUp(ring -> true, "the journal has not answered" + waited);
        } else {
            rings.giveUp(
                    ring -> !ring.is(State.OPEN) && nowNanos - ring.wishedNanos >= limit.toNanos(),
                    "the disk has not opened it" + waited);
        }
    }

    /** Whether the journal has kept a backend that serves, or backend after backend, waiting for so long. */
    private boolean isSilentFor(Duration limit, long nowNanos) {
        long since =
                backend.is(Incarnations.State.SERVING)
                        ? statistics.recordingSinceNanos.get()
                        : backend.unansweredSinceNanos();
        return since != 0 && nowNanos - since >= limit.toNanos();
    }

    private void stop() {
        if (phase.is(Phase.RUNNING)) {
            phase.to(Phase.STOPPING);
            rings.stop();
        }
    }
}
