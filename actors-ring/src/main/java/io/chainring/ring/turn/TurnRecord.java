package io.chainring.ring.turn;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.record.TurnEvent;
import java.util.ArrayList;
import java.util.List;

/** A turn's record in the making, and what has to follow once it is journaled. */
final class TurnRecord {
    final List<TurnEvent.Completed> completed = new ArrayList<>();
    final List<TurnEvent.Detached> detached = new ArrayList<>();
    final List<TurnEvent.Attached> attached = new ArrayList<>();
    final List<TurnEvent.Begun> begun = new ArrayList<>();
    final List<Chain> toExecute = new ArrayList<>();
    long lastOutcomeSequence;

    boolean isEmpty() {
        return completed.isEmpty() && detached.isEmpty() && attached.isEmpty() && begun.isEmpty();
    }

    void complete(AttachedRing ring, int head, int generation, byte status, int writtenBytes) {
        completed.add(new TurnEvent.Completed(ring.slot, head, generation, status, writtenBytes));
    }

    /**
     * A chain begins.
     *
     * @param firstSequence begin sequence of the first one in this record
     */
    void begin(AttachedRing ring, Chain chain, long firstSequence) {
        chain.beginSequence(firstSequence + begun.size());
        ring.begin(chain);
        begun.add(
                new TurnEvent.Begun(
                        ring.slot,
                        chain.head(),
                        chain.generation(),
                        chain.operation(),
                        chain.flags(),
                        chain.offsetBytes(),
                        chain.lengthBytes()));
        toExecute.add(chain);
    }

    TurnEvent event(long epoch, long firstSequence) {
        return new TurnEvent(
                epoch, false, List.of(), completed, detached, attached, firstSequence, begun);
    }
}
