package io.chainring.simulation.world;

import io.chainring.ring.frontend.BlockRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who has a ring, and hears of it: see {@link io.chainring.ring.frontend.CompletionSink}. */
interface RingOwner {
    String name();

    /** Whether it writes garbage into its ring. */
    boolean isHostile();

    void opened(SimRing opened);

    /** The last call of a ring, also when it was never open. */
    void closed(long ringId);

    /** These will never be answered. */
    void gaveUp(SimRing from, List<BlockRequest> requests);

    void completed(SimRing from, List<BlockRequest> requests);

    /** Nothing of what has no answer yet can have an effect after this moment. */
    void endPending(@Nullable SimRing gone, long now);
}
