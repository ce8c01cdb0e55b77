package io.chainring.ring.turn;

import io.chainring.ring.record.BackendState;
import io.chainring.ring.record.RecoveryArrays;
import io.chainring.ring.record.TurnEvent;
import java.util.List;
import java.util.function.Consumer;

/** How rings come and go: their slots and their ends are recorded like chains are. */
final class RingTurnover {
    private final BackendState state;
    private final BackendLimits limits;
    private final BackendEffects effects;
    private final RingStatistics statistics;
    private final RingTable rings;

    RingTurnover(
            BackendState state,
            BackendLimits limits,
            BackendEffects effects,
            RingStatistics statistics,
            RingTable rings) {
        this.state = state;
        this.limits = limits;
        this.effects = effects;
        this.statistics = statistics;
        this.rings = rings;
    }

    /** Puts rings that are new, and rings that close and have nothing live, into a record. */
    void collect(TurnRecord turn) {
        int[] completed = null;
        for (AttachedRing ring : List.copyOf(rings.all())) {
            if (ring.recordingSlot) {
                continue;
            }
            if (ring.isAttaching()) {
                come(turn, ring);
            } else if (ring.isClosing() && ring.mayGo()) {
                if (ring.liveChains == 0) {
                    completed = completed == null ? marksCompletedIn(turn) : completed;
                    goAway(turn, ring, completed);
                }
            } else if (ring.isClosing() && !ring.askedToClose) {
                ring.askedToClose = true;
                effects.ringMustClose(ring.ringId, ring.closeReason);
            }
        }
    }

    /** True when the next turn has something to do for a ring that comes or goes. */
    static boolean isDue(AttachedRing ring, RingTable rings, int ringLimit) {
        return ring.isAttaching()
                ? rings.seated() < ringLimit || !rings.anySeatedIsClosing()
                : ring.isClosing() && (ring.mayGo() ? ring.liveChains == 0 : !ring.askedToClose);
    }

    private void come(TurnRecord turn, AttachedRing ring) {
        if (rings.seated() >= limits.ringLimit()) {
            if (rings.anySeatedIsClosing()) {
                return;
            }
            ring.close("the disk has " + limits.ringLimit() + " rings already (ring-limit)");
            return;
        }
        rings.seat(ring, rings.freeSlot());
        ring.recordingSlot = true;
        turn.attached.add(new TurnEvent.Attached(ring.slot, ring.ringId, ring.sizeDescriptors()));
    }

    private void goAway(TurnRecord turn, AttachedRing ring, int[] completed) {
        RecoveryArrays arrays = ring.slot < 0 ? null : state.slot(ring.slot);
        if (arrays == null) {
            rings.remove(ring);
            effects.ringDetached(ring.ringId, ring.closeReason);
            return;
        }
        int abandoned = arrays.marked() - completed[ring.slot];
        statistics.abandonedChains.addAndGet(abandoned);
        ring.recordingSlot = true;
        turn.detached.add(new TurnEvent.Detached(ring.slot, ring.ringId, abandoned));
    }

    /** How many marks of each slot the record clears. */
    private int[] marksCompletedIn(TurnRecord turn) {
        int[] count = new int[state.slotCount()];
        for (TurnEvent.Completed done : turn.completed) {
            RecoveryArrays arrays = state.slot(done.slot());
            count[done.slot()] += arrays != null && arrays.isMarked(done.head()) ? 1 : 0;
        }
        return count;
    }

    /**
     * The record is journaled.
     *
     * @param serve called for each ring that is served from now on
     */
    void recorded(TurnRecord turn, Consumer<AttachedRing> serve) {
        for (TurnEvent.Detached gone : turn.detached) {
            AttachedRing ring = rings.bySlot(gone.slot());
            rings.remove(ring);
            effects.at(KillPoint.RING_CLOSED, null);
            effects.ringDetached(ring.ringId, ring.closeReason);
        }
        for (TurnEvent.Attached came : turn.attached) {
            AttachedRing ring = rings.bySlot(came.slot());
            ring.recordingSlot = false;
            if (!ring.isClosing()) {
                ring.serve();
                effects.at(KillPoint.RING_RECORDED, null);
                serve.accept(ring);
            }
        }
        statistics.rings.set(rings.count());
    }
}
