package io.chainring.host;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.turn.BusyRanges;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The chains that an executor has begun and not ended, with their ranges and the time of their arrival. */
final class RunningChains {
    private record Running(int claim, long sinceNanos) {}

    private final BusyRanges ranges = new BusyRanges();
    private final Map<Chain, Running> chains = new HashMap<>();
    private long nextOrder;

    int count() {
        return chains.size();
    }

    /** False when the chain overlaps a running one and one of them writes; it is not added then. */
    boolean add(Chain chain, long arrivedNanos) {
        int claim = BusyRanges.NONE;
        if (chain.operation().claimsRange()) {
            boolean writes = chain.operation().writes();
            if (ranges.conflicts(chain.offsetBytes(), chain.lengthBytes(), writes)) {
                return false;
            }
            claim = ranges.add(chain.offsetBytes(), chain.lengthBytes(), writes, nextOrder++);
        }
        chains.put(chain, new Running(claim, arrivedNanos));
        return true;
    }

    /**
     * Takes a chain out and returns when it arrived.
     *
     * @throws IllegalStateException when it does not run
     */
    long remove(Chain chain) {
        Running running = chains.remove(chain);
        if (running == null) {
            throw new IllegalStateException("an outcome for a chain that does not run: " + chain);
        }
        ranges.remove(running.claim());
        return running.sinceNanos();
    }

    /** All of them, in begin order. */
    List<Chain> inBeginOrder() {
        List<Chain> all = new ArrayList<>(chains.keySet());
        all.sort(Comparator.comparingLong(Chain::beginSequence));
        return all;
    }
}
