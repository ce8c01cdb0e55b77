package io.chainring.host;

import io.chainring.ring.execute.Chain;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which chains ended an incarnation of the host: their execution made the store throw an {@link Error}. It outlives the
 * incarnations, so that a chain that does it again and again ends with an I/O error instead of ending every host (the
 * backend counts the same for itself, in the journal). A new process counts anew. Thread-safe.
 */
final class DeadlyChains {
    private final int limitDeaths;
    private final Map<Identity, Integer> deaths = new HashMap<>();

    record Identity(long ringId, int head, int generation) {
        static final Identity SYNC = new Identity(0, -1, 0);

        static Identity of(@Nullable Chain chain) {
            return chain == null
                    ? SYNC
                    : new Identity(chain.ringId(), chain.head(), chain.generation());
        }
    }

    /** @param limitDeaths hosts that a chain may end before it is not executed any more */
    DeadlyChains(int limitDeaths) {
        this.limitDeaths = limitDeaths;
    }

    /** It has ended a host; null for a sync. */
    synchronized void died(@Nullable Chain chain) {
        deaths.merge(Identity.of(chain), 1, Integer::sum);
    }

    /** Whether it must not be executed again. */
    synchronized boolean isTooDeadly(@Nullable Chain chain) {
        return !deaths.isEmpty() && deaths.getOrDefault(Identity.of(chain), 0) >= limitDeaths;
    }

    /** It has an outcome. */
    synchronized void ended(@Nullable Chain chain) {
        if (!deaths.isEmpty()) {
            deaths.remove(Identity.of(chain));
        }
    }
}
