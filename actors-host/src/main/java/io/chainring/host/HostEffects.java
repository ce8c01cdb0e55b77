package io.chainring.host;

import io.chainring.ring.execute.Chain;
import java.util.List;

/** What {@link HostCore} wants done. Implemented by the actor shell, and by simulations. */
public interface HostEffects {

    /**
     * Executes the chain against the store, now or elsewhere: sets its outcome, then calls {@link
     * HostCore#finished}. Never asked for a flush.
     */
    void start(Chain chain);

    /**
     * Syncs the store, now or elsewhere: then calls {@link HostCore#synced}. Asked for one at a time.
     * What was written before this call must be on stable storage after a good sync.
     *
     * @param chains flushes and FUA writes that it is for
     */
    void sync(int chains);

    /** Answers the adoption of that epoch. The lists are handed over. */
    void adopted(long epoch, List<Chain> running, List<Chain> done);

    /** Reports outcomes to the adopted epoch. The list is handed over. */
    void executed(long epoch, List<Chain> chains);

    /**
     * A chain has its outcome.
     *
     * @param sinceNanos when it arrived, as given to {@link HostCore#execute}
     */
    void ended(Chain chain, long sinceNanos);

    /** A chain was refused because it overlaps a running one and one of them writes: its sender broke I4. */
    void overlapRefused(Chain chain);
}
