package io.chainring.simulation.mirror;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.record.TurnEvent;
import io.chainring.simulation.history.Violation;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.LongPredicate;

/** K11: of chains that overlap, the one that was taken first begins first, so none waits for ever. */
public final class WaitingTurns {
    private final List<Chain> waiting = new ArrayList<>();

    /** It waits from now on. */
    public void taken(Chain chain) {
        waiting.add(chain);
    }

    /** The chain begins: nobody who waits longer may be in its way. */
    public void begins(TurnEvent.Begun begun, long ringId, LongPredicate mayBePassed) {
        Iterator<Chain> each = waiting.iterator();
        while (each.hasNext()) {
            Chain chain = each.next();
            if (chain.ringId() == ringId
                    && chain.head() == begun.head()
                    && chain.generation() == begun.generation()) {
                each.remove();
                return;
            }
            Violation.check(
                    mayBePassed.test(chain.ringId()) || !conflicts(begun, chain),
                    "K11",
                    () -> begun + " begins before " + chain + ", which waits longer");
        }
        throw new Violation("K11", begun + " of ring " + ringId + " begins and was never taken");
    }

    /** Nobody waits any more: their backend is dead. */
    public void clear() {
        waiting.clear();
    }

    private static boolean conflicts(TurnEvent.Begun a, Chain b) {
        return a.operation().claimsRange()
                && b.operation().claimsRange()
                && (a.operation().writes() || b.operation().writes())
                && a.offsetBytes() < b.offsetBytes() + b.lengthBytes()
                && b.offsetBytes() < a.offsetBytes() + a.lengthBytes();
    }
}
