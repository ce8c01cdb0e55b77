package io.chainring.ring.turn;

import io.chainring.base.lifecycle.Lifecycle;
import io.chainring.base.lifecycle.Transitions;
import io.chainring.ring.execute.Chain;
import io.chainring.ring.record.BackendState;
import io.chainring.ring.record.TurnEvent;
import io.chainring.ring.transport.Outstanding;
import io.chainring.ring.transport.RingTransport;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The decisions of one disk's backend: state x input to effects, without actors, journal or clock.
 *
 * <pre>
 *                 start                recorded              rings + executor here
 *   (replayed) ----------> BEGINNING ------------> RESUMING ------------------------> SERVING
 *                          epoch n+1               adopt(n+1)                          ^  |
 *                          recorded first          who is there?                       |  | executor died
 *                          (I3)                                                        |  v
 *                                                                                   READOPTING
 * </pre>
 *
 * While SERVING it works in turns. A turn gathers the outcomes that arrived and the chains that are available, puts
 * what they change into ONE record, and does nothing of it before that record is acknowledged:
 *
 * <ul>
 *   <li>a begun chain is handed to the executor after its mark is recorded (I1);
 *   <li>a completed chain is published after the record with both arrays (I2), in a section in which signals wait (I7);
 *   <li>a chain is begun only when its range is free of every chain whose completion is not at least in the same record
 *       (I4, {@link Admission});
 *   <li>nothing is taken while too much is in flight (I10): chains wait in their ring.
 * </ul>
 *
 * After a death {@link Resumption} finds out what each marked chain needs. Nothing here depends on a message having
 * arrived: a new epoch asks the executor what it holds and each driver side what it waits for, and what the journal
 * does not know is new.
 */
public final class BackendCore {
    private enum Phase {
        REPLAYED,
        BEGINNING,
        RESUMING,
        READOPTING,
        SERVING
    }

    private static final Transitions<Phase> LEGAL =
            Transitions.of(Phase.class)
                    .from(Phase.REPLAYED, Phase.BEGINNING)
                    .from(Phase.BEGINNING, Phase.RESUMING)
                    .from(Phase.RESUMING, Phase.SERVING)
                    .from(Phase.SERVING, Phase.READOPTING)
                    .from(Phase.READOPTING, Phase.SERVING);

    private final BackendLimits limits;
    private final BackendEffects effects;
    private final ProcessingCursor cursor;
    private final RingStatistics statistics;
    private final BackendState state;
    private final Admission admission = new Admission();
    private final RingTable rings = new RingTable();
    private final Usefulness use;
    private final ExecutorSide executor;
    private final RingTurnover turnover;
    private final ChainReader reader;
    private final RingGuard guard;
    private final Intake intake;
    private final Publisher publisher;

    private final Lifecycle<Phase> phase = LEGAL.startIn(Phase.REPLAYED, "backend");
    private @Nullable TurnRecord recording;
    private @Nullable Set<Long> expectedRings;

    /**
     * @param state replayed from the journal; the caller applies each record to it before {@link #recorded}
     * @param cursor what an earlier incarnation had in hand
     */
    public BackendCore(
            BackendState state,
            BackendLimits limits,
            BackendEffects effects,
            ProcessingCursor cursor,
            RingStatistics statistics) {
        this.state = state;
        this.limits = limits;
        this.effects = effects;
        this.cursor = cursor;
        this.statistics = statistics;
        this.use = new Usefulness(statistics);
        this.executor = new ExecutorSide(rings, admission, use);
        this.turnover = new RingTurnover(state, limits, effects, statistics, rings);
        this.reader = new ChainReader(limits);
        this.guard = new RingGuard(cursor, statistics, admission);
        this.intake =
                new Intake(
                        state,
                        limits,
                        effects,
                        cursor,
                        statistics,
                        rings,
                        admission,
                        reader,
                        guard);
        this.publisher = new Publisher(effects, statistics, rings, reader, guard, use);
    }

    /** Chains begun and not completed. */
    public int liveChains() {
        return admission.liveChains();
    }

    /** Chains taken and waiting behind an overlap. */
    public int waitingChains() {
        return admission.waitingChains();
    }

    /** Begins the next epoch: its record comes before everything else that this incarnation does (I3). */
    public void start() {
        phase.to(Phase.BEGINNING);
        effects.at(KillPoint.RECOVERED, null);
        effects.persist(
                TurnEvent.epoch(state.epoch() + 1, cursor.suspects(state), state.nextSequence()));
    }

    /** The record under way is journaled and applied. */
    public void recorded(TurnEvent record) {
        if (phase.is(Phase.BEGINNING)) {
            cursor.clear();
            phase.to(Phase.RESUMING);
            statistics.epoch.set(state.epoch());
            effects.at(KillPoint.EPOCH_BEGUN, null);
            effects.adopt(state.epoch());
            effects.requestRings(state.epoch());
            return;
        }
        TurnRecord turn = recording;
        if (turn == null) {
            throw new IllegalStateException("no record is under way: " + record);
        }
        effects.at(KillPoint.RECORDED, null);
        recording = null;
        statistics.turns.incrementAndGet();
        executor.recorded(turn);
        publisher.publish(turn.completed);
        turnover.recorded(turn, this::takeOver);
        if (phase.is(Phase.SERVING)) {
            handOver(turn.toExecute);
            if (!turn.detached.isEmpty() && turn.toExecute.isEmpty()) {
                // What the executor still remembers holds the ring's memory.
                effects.execute(
                        state.epoch(),
                        executor.incarnation(),
                        List.of(),
                        executor.journaledOutcome());
            }
        }
        goOn();
    }

    /** The executor answers to {@link BackendEffects#adopt}. */
    public void adopted(
            long epoch,
            long executorIncarnation,
            long diskCapacityBytes,
            List<Chain> running,
            List<Chain> done) {
        if (epoch != state.epoch() || executorIncarnation < executor.incarnation()) {
            return;
        }
        // The answer of an incarnation that died meanwhile may have been taken for its successor's.
        if (phase.is(Phase.SERVING) && executorIncarnation > executor.incarnation()) {
            phase.to(Phase.READOPTING);
        }
        if (phase.is(Phase.RESUMING) || phase.is(Phase.READOPTING)) {
            executor.adopted(executorIncarnation, running, done, recording);
            reader.capacityBytes(diskCapacityBytes);
            effects.capacityKnown(diskCapacityBytes);
            resumeWhenReady();
        }
    }

    /**
     * The disk has grown. What was let in before stays as it is, what was refused stays refused; a shrunk disk would
     * break both, so a smaller size is ignored.
     */
    public void resized(long epoch, long executorIncarnation, long diskCapacityBytes) {
        if (epoch == state.epoch()
                && executorIncarnation == executor.incarnation()
                && executor.hasAdopted()
                && diskCapacityBytes > reader.capacityBytes()) {
            reader.capacityBytes(diskCapacityBytes);
            effects.capacityKnown(diskCapacityBytes);
        }
    }

    /** The executor died and another incarnation of it stands ready: what it was given has to be sorted out again. */
    public void executorChanged() {
        if (phase.is(Phase.SERVING) || phase.is(Phase.READOPTING) || phase.is(Phase.RESUMING)) {
            executor.changed();
            if (phase.is(Phase.SERVING)) {
                phase.to(Phase.READOPTING);
            }
            effects.adopt(state.epoch());
        }
    }

    /** Which rings will attach before this epoch may resume anything. */
    public void expectRings(long epoch, Collection<Long> ringIds) {
        if (epoch == state.epoch() && phase.is(Phase.RESUMING)) {
            expectedRings = new HashSet<>(ringIds);
            resumeWhenReady();
        }
    }

    /**
     * A ring introduces itself, new or known from an earlier epoch.
     *
     * @param outstanding what its driver side waits for
     * @param closing true when its client is gone: what it began is finished, and nothing else
     */
    public void attach(RingTransport transport, Outstanding outstanding, boolean closing) {
        if (phase.is(Phase.REPLAYED)
                || phase.is(Phase.BEGINNING)
                || rings.byId(transport.ringId()) != null) {
            return;
        }
        effects.at(KillPoint.RING_ATTACHING, null);
        AttachedRing ring = guard.map(transport, outstanding);
        if (closing) {
            ring.leave("its client is gone");
        }
        rings.add(ring);
        if (phase.is(Phase.RESUMING)) {
            resumeWhenReady();
        } else {
            turn();
        }
    }

    /** The ring's client is gone: drop what has not begun, finish what has, then say so. */
    public void detach(long ringId) {
        AttachedRing ring = rings.byId(ringId);
        if (ring == null) {
            if (phase.is(Phase.SERVING) || phase.is(Phase.READOPTING)) {
                effects.ringDetached(ringId, "it was not attached");
            }
            return;
        }
        ring.leave("its client is gone");
        guard.close(ring, ring.closeReason);
        effects.at(KillPoint.RING_DRAINING, null);
        turn();
    }

    /** Outcomes of the executor. Those of another epoch are not ours: adopting has told us what became of them. */
    public void executed(long epoch, long executorIncarnation, List<Chain> chains) {
        if (epoch != state.epoch()
                || executorIncarnation != executor.incarnation()
                || !executor.hasAdopted()) {
            return;
        }
        executor.arrived(chains);
        effects.at(KillPoint.OUTCOMES, null);
        turn();
    }

    private void resumeWhenReady() {
        Set<Long> expected = expectedRings;
        if (phase.is(Phase.READOPTING) && executor.hasAdopted()) {
            phase.to(Phase.SERVING);
            handOverAgain();
            effects.serving();
            goOn();
            return;
        }
        if (phase.is(Phase.RESUMING)
                && executor.hasAdopted()
                && expected != null
                && rings.holdsAll(expected)) {
            resume();
        }
    }

    private void resume() {
        effects.at(KillPoint.RESUMING, null);
        Resumption resumption =
                new Resumption(
                        state.slots(),
                        limits,
                        rings,
                        reader,
                        statistics,
                        cursor,
                        executor.runs(),
                        guard);
        resumption.run();
        for (Chain chain : resumption.live()) {
            rings.of(chain).begin(chain);
            admission.occupy(chain);
        }
        statistics.ages.resumed(
                resumption.live().stream().mapToLong(Chain::beginSequence).toArray(),
                effects.nanoTime());
        executor.fail(resumption.toFail());
        phase.to(Phase.SERVING);
        effects.maskSignals();
        effects.at(KillPoint.MASKED, null);
        for (AttachedRing ring : List.copyOf(rings.all())) {
            if (ring.isServed()) {
                takeOver(ring);
            }
        }
        publisher.inform();
        effects.unmaskSignals();
        handOverAgain();
        effects.serving();
        goOn();
    }

    private void handOverAgain() {
        List<Chain> again = executor.sortOut(recording);
        statistics.reexecutedChains.addAndGet(again.size());
        handOver(again);
    }

    private void takeOver(AttachedRing ring) {
        publisher.takeOver(ring, state.slot(ring.slot));
        if (ring.isServed()) {
            effects.ringAttached(ring.ringId);
        }
    }

    /** One turn, if none is under way: everything that changed goes into one record. */
    public void turn() {
        if (recording != null || !phase.is(Phase.SERVING)) {
            return;
        }
        TurnRecord turn = new TurnRecord();
        executor.collect(turn, statistics.ages);
        intake.takeChains();
        intake.moveRefused(turn.completed);
        admission.admit(
                limits.batchLimitChains(),
                limits.inFlightLimitChains(),
                chain -> turn.begin(rings.of(chain), chain, state.nextSequence()));
        turnover.collect(turn);
        statistics.inFlightChains.set(admission.liveChains());
        statistics.waitingChains.set(admission.waitingChains());
        if (turn.isEmpty()) {
            goOn();
            return;
        }
        recording = turn;
        if (!turn.begun.isEmpty()) {
            statistics.ages.begun(state.nextSequence(), turn.begun.size(), effects.nanoTime());
        }
        if (!turn.completed.isEmpty()) {
            effects.maskSignals();
            effects.at(KillPoint.MASKED, null);
        }
        effects.at(KillPoint.RECORDING, null);
        effects.persist(turn.event(state.epoch(), state.nextSequence()));
    }

    private void handOver(List<Chain> chains) {
        if (chains.isEmpty()) {
            return;
        }
        for (Chain chain : chains) {
            cursor.hold(chain.ringId(), chain.head(), chain.generation());
            effects.at(KillPoint.EXECUTING, chain);
        }
        cursor.clear();
        effects.execute(
                state.epoch(),
                executor.incarnation(),
                List.copyOf(chains),
                executor.journaledOutcome());
        effects.at(KillPoint.EXECUTED, null);
    }

    /** After a turn: the next one if there is anything for it, else wait to be kicked. */
    private void goOn() {
        if (!phase.is(Phase.SERVING) || recording != null) {
            return;
        }
        boolean more = executor.hasOutcomes() || intake.hasRefused() || admission.hasNews();
        for (AttachedRing ring : List.copyOf(rings.all())) {
            more |= intake.needsTurn(ring);
        }
        if (more) {
            effects.continueLater();
        } else {
            use.rests(executor.incarnation(), admission.liveChains() + admission.waitingChains());
        }
    }
}
