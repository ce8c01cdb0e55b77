package io.chainring.ring.turn;

import io.chainring.ring.record.BackendState;
import io.chainring.ring.record.RecoveryArrays;
import io.chainring.ring.record.TurnEvent;
import java.util.List;

/**
 * Which chain the backend has in hand. It outlives the backend: what is set here when an incarnation begins was being
 * processed when the earlier one died, and is counted as that chain's attempt. A kill between chains leaves nothing
 * here. Written by the backend alone, read by its successor.
 */
public final class ProcessingCursor {
    private boolean set;
    private long countedInEpoch;
    private long ringId;
    private int head;
    private int generation;

    void hold(long heldRingId, int heldHead, int heldGeneration) {
        ringId = heldRingId;
        head = heldHead;
        generation = heldGeneration;
        set = true;
        countedInEpoch = 0;
    }

    /**
     * What the next epoch's record counts as an attempt: at most the one chain in hand, and that once, however often
     * an epoch dies before its record is stored.
     */
    List<TurnEvent.Attempt> suspects(BackendState state) {
        boolean counted = countedInEpoch != 0 && state.epoch() >= countedInEpoch;
        if (!set || counted) {
            return List.of();
        }
        countedInEpoch = state.epoch() + 1;
        for (int slot = 0; slot < state.slotCount(); slot++) {
            RecoveryArrays arrays = state.slot(slot);
            if (arrays != null && arrays.ringId() == ringId && head < arrays.size()) {
                return List.of(new TurnEvent.Attempt(slot, head, generation));
            }
        }
        return List.of();
    }

    void clear() {
        set = false;
    }
}
