package io.chainring.ring.backend;

import java.util.List;
import java.util.function.Consumer;

/** How rings come and go: their slots and their ends are recorded like chains are. */
final class RingTurnover {
    private final BackendState state;
    private final BackendEffects effects;
    private final RingStatistics statistics;
    private final RingTable rings;

    RingTurnover(
            BackendState state,
            BackendEffects effects,
            RingStatistics statistics,
            RingTable rings) {
        this.state = state;
        this.effects = effects;
        this.statistics = statistics;
        this.rings = rings;
    }

    /** Puts rings that are new, and rings that close and have nothing live, into a record. */
    void collect(TurnRecord turn) {
        for (AttachedRing ring : List.copyOf(rings.all())) {
            if (ring.recordingSlot) {
                continue;
            }
            if (ring.isClosing() && ring.liveChains == 0) {
                goAway(turn, ring);
            } else if (ring.state == AttachedRing.State.ATTACHING) {
                rings.seat(ring, rings.freeSlot());
                ring.recordingSlot = true;
                turn.attached.add(
                        new TurnEvent.Attached(ring.slot, ring.ringId, ring.sizeDescriptors()));
            }
        }
    }

    private void goAway(TurnRecord turn, AttachedRing ring) {
        JournaledArrays arrays = ring.slot < 0 ? null : state.slot(ring.slot);
        if (arrays == null) {
            rings.remove(ring);
            effects.ringDetached(ring.ringId, ring.closeReason);
            return;
        }
        int abandoned = arrays.marked() - completedIn(turn, ring.slot, arrays);
        statistics.abandonedChains.addAndGet(abandoned);
        ring.recordingSlot = true;
        turn.detached.add(new TurnEvent.Detached(ring.slot, ring.ringId, abandoned));
    }

    private static int completedIn(TurnRecord turn, int slot, JournaledArrays arrays) {
        int count = 0;
        for (TurnEvent.Completed done : turn.completed) {
            count += done.slot() == slot && arrays.isMarked(done.head()) ? 1 : 0;
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
            effects.ringDetached(ring.ringId, ring.closeReason);
        }
        for (TurnEvent.Attached came : turn.attached) {
            AttachedRing ring = rings.bySlot(came.slot());
            ring.recordingSlot = false;
            if (!ring.isClosing()) {
                ring.state = AttachedRing.State.SERVED;
                serve.accept(ring);
            }
        }
        statistics.rings.set(rings.count());
    }
}
