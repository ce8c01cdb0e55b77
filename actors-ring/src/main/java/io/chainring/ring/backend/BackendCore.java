package io.chainring.ring.backend;

import io.chainring.ring.execute.Chain;
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

    private final BackendLimits limits;
    private final BackendEffects effects;
    private final ProcessingCursor cursor;
    private final RingStatistics statistics;
    private final BackendState state;
    private final Admission admission = new Admission();
    private final RingTable rings = new RingTable();
    private final ExecutorSide executor = new ExecutorSide(rings, admission);
    private final RingTurnover turnover;
    private final Intake intake;
    private final Publisher publisher;

    private Phase phase = Phase.REPLAYED;
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
        this.turnover = new RingTurnover(state, limits, effects, statistics, rings);
        this.intake = new Intake(state, limits, effects, cursor, statistics, rings, admission);
        this.publisher = new Publisher(effects, statistics, rings, intake);
    }

    /** True once resynchronised. */
    public boolean isServing() {
        return phase == Phase.SERVING;
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
        if (phase != Phase.REPLAYED) {
            throw new IllegalStateException("the backend has begun already: it is " + phase);
        }
        effects.at(KillPoint.RECOVERED, null);
        phase = Phase.BEGINNING;
        effects.persist(
                TurnEvent.epoch(state.epoch() + 1, cursor.suspects(state), state.nextSequence()));
    }

    /** The record under way is journaled and applied. */
    public void recorded(TurnEvent record) {
        if (phase == Phase.BEGINNING) {
            cursor.clear();
            phase = Phase.RESUMING;
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
        if (phase == Phase.SERVING) {
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
        if (phase == Phase.SERVING && executorIncarnation > executor.incarnation()) {
            phase = Phase.READOPTING;
        }
        if (phase == Phase.RESUMING || phase == Phase.READOPTING) {
            executor.adopted(executorIncarnation, running, done, recording);
            intake.capacityBytes(diskCapacityBytes);
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
                && diskCapacityBytes > intake.capacityBytes()) {
            intake.capacityBytes(diskCapacityBytes);
            effects.capacityKnown(diskCapacityBytes);
        }
    }

    /** The executor died and another incarnation of it stands ready: what it was given has to be sorted out again. */
    public void executorChanged() {
        if (phase == Phase.SERVING || phase == Phase.READOPTING || phase == Phase.RESUMING) {
            executor.changed();
            if (phase == Phase.SERVING) {
                phase = Phase.READOPTING;
            }
            effects.adopt(state.epoch());
        }
    }

    /** Which rings will attach before this epoch may resume anything. */
    public void expectRings(long epoch, Collection<Long> ringIds) {
        if (epoch == state.epoch() && phase == Phase.RESUMING) {
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
        if (phase == Phase.REPLAYED
                || phase == Phase.BEGINNING
                || rings.byId(transport.ringId()) != null) {
            return;
        }
        AttachedRing ring = intake.map(transport, outstanding);
        if (closing) {
            ring.leave("its client is gone");
        }
        rings.add(ring);
        if (phase == Phase.RESUMING) {
            resumeWhenReady();
        } else {
            turn();
        }
    }

    /** The ring's client is gone: drop what has not begun, finish what has, then say so. */
    public void detach(long ringId) {
        AttachedRing ring = rings.byId(ringId);
        if (ring == null) {
            if (phase == Phase.SERVING || phase == Phase.READOPTING) {
                effects.ringDetached(ringId, "it was not attached");
            }
            return;
        }
        ring.leave("its client is gone");
        intake.close(ring, ring.closeReason);
        turn();
    }

    /** Chains may be available. */
    public void kick() {
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
        if (phase == Phase.READOPTING && executor.hasAdopted()) {
            phase = Phase.SERVING;
            handOverAgain();
            goOn();
            return;
        }
        if (phase != Phase.RESUMING || !executor.hasAdopted() || expected == null) {
            return;
        }
        for (long ringId : expected) {
            if (rings.byId(ringId) == null) {
                return;
            }
        }
        resume();
    }

    private void resume() {
        effects.at(KillPoint.RESUMING, null);
        Resumption resumption =
                new Resumption(
                        state,
                        limits,
                        rings,
                        intake.reader(),
                        intake.capacityBytes(),
                        statistics,
                        cursor,
                        executor.runs(),
                        intake::guarded);
        resumption.run();
        for (Chain chain : resumption.live()) {
            rings.of(chain).begin(chain);
            admission.occupy(chain);
        }
        statistics.ages.resumed(
                resumption.live().stream().mapToLong(Chain::beginSequence).toArray(),
                effects.nanoTime());
        executor.fail(resumption.toFail());
        phase = Phase.SERVING;
        effects.maskSignals();
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

    /** Takes what a ring brought along: publishes again what is completed, notes what nobody has begun. */
    private void takeOver(AttachedRing ring) {
        JournaledArrays arrays = state.slot(ring.slot);
        if (arrays == null) {
            throw new IllegalStateException("ring " + ring.ringId + " is served without arrays");
        }
        intake.guarded(
                ring,
                () -> {
                    Resumption.position(ring);
                    publisher.republish(ring, arrays);
                    ring.takenBefore.addAll(Resumption.newHeads(ring, arrays));
                });
    }

    /** One turn, if none is under way: everything that changed goes into one record. */
    public void turn() {
        if (recording != null || phase != Phase.SERVING) {
            return;
        }
        TurnRecord turn = new TurnRecord();
        executor.collect(turn, statistics.ages);
        intake.takeChains();
        intake.moveRefused(turn.completed);
        admission.admit(
                limits.batchLimitChains(),
                limits.inFlightLimitChains(),
                chain -> begin(turn, chain));
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
        }
        effects.at(KillPoint.RECORDING, null);
        effects.persist(turn.event(state.epoch(), state.nextSequence()));
    }

    private void begin(TurnRecord turn, Chain chain) {
        AttachedRing ring = rings.of(chain);
        chain.beginSequence(state.nextSequence() + turn.begun.size());
        ring.begin(chain);
        turn.begin(ring, chain);
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
        if (phase != Phase.SERVING || recording != null) {
            return;
        }
        boolean more = executor.hasOutcomes() || intake.hasRefused() || admission.hasNews();
        for (AttachedRing ring : List.copyOf(rings.all())) {
            more |= intake.needsTurn(ring);
        }
        if (more) {
            effects.continueLater();
        }
    }
}
