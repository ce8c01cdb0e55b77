package io.chainring.host;

import io.chainring.ring.backend.BusyRanges;
import io.chainring.ring.execute.Chain;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The chains that an executor has begun and not ended, with their ranges and the time of their arrival. */
final class RunningChains {
    private final BusyRanges ranges = new BusyRanges();
    private @Nullable Chain[] chains = new @Nullable Chain[64];
    private long[] sinceNanos = new long[64];
    private int count;

    int count() {
        return count;
    }

    /** False when the chain overlaps a running one and one of them writes; it is not added then. */
    boolean add(Chain chain, long arrivedNanos) {
        if (chain.operation().claimsRange()) {
            boolean writes = chain.operation().writes();
            if (ranges.conflicts(chain.offsetBytes(), chain.lengthBytes(), writes)) {
                return false;
            }
            ranges.add(chain.offsetBytes(), chain.lengthBytes(), writes);
        }
        if (count == chains.length) {
            chains = Arrays.copyOf(chains, count * 2);
            sinceNanos = Arrays.copyOf(sinceNanos, count * 2);
        }
        chains[count] = chain;
        sinceNanos[count] = arrivedNanos;
        count++;
        return true;
    }

    /**
     * Takes a chain out and returns when it arrived.
     *
     * @throws IllegalStateException when it does not run
     */
    long remove(Chain chain) {
        for (int i = 0; i < count; i++) {
            if (chains[i] == chain) {
                if (chain.operation().claimsRange()) {
                    ranges.remove(
                            chain.offsetBytes(), chain.lengthBytes(), chain.operation().writes());
                }
                long since = sinceNanos[i];
                count--;
                chains[i] = chains[count];
                sinceNanos[i] = sinceNanos[count];
                chains[count] = null;
                return since;
            }
        }
        throw new IllegalStateException("an outcome for a chain that does not run: " + chain);
    }

    /** All of them, in begin order. */
    List<Chain> inBeginOrder() {
        List<Chain> all = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Chain chain = chains[i];
            if (chain != null) {
                all.add(chain);
            }
        }
        all.sort(Comparator.comparingLong(Chain::beginSequence));
        return all;
    }
}
