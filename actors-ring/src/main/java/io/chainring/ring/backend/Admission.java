package io.chainring.ring.backend;

import io.chainring.ring.execute.Chain;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.function.Consumer;

/**
 * Which of the taken chains may begin (invariant I4). One queue for all rings of the disk: a chain begins when its
 * range is free of everything that is live and of everything that has waited longer, so overlapping chains keep the
 * order in which they were taken and none starves (K11). A range becomes free with the record that holds its chain's
 * completion, and may be taken in that same record.
 */
final class Admission {
    private final ArrayDeque<Chain> waiting = new ArrayDeque<>();
    private final BusyRanges live = new BusyRanges();
    private final BusyRanges ahead = new BusyRanges();
    private int liveChains;
    private boolean news;

    int waitingChains() {
        return waiting.size();
    }

    int liveChains() {
        return liveChains;
    }

    void add(Chain chain) {
        waiting.add(chain);
        news = true;
    }

    /** The chain is live without waiting: it was marked by an earlier epoch. */
    void occupy(Chain chain) {
        liveChains++;
        if (chain.operation().claimsRange()) {
            live.add(chain.offsetBytes(), chain.lengthBytes(), chain.operation().writes());
        }
    }

    /** The chain's completion goes into the record in the making. */
    void release(Chain chain) {
        news = true;
        liveChains--;
        if (chain.operation().claimsRange()) {
            live.remove(chain.offsetBytes(), chain.lengthBytes(), chain.operation().writes());
        }
    }

    /** True when something that waits may be able to begin: it is new, something ended, or a limit cut the last round. */
    boolean hasNews() {
        return news && !waiting.isEmpty();
    }

    /** Hands out what may begin, in order, and counts it as live. */
    void admit(int limitChains, int liveLimitChains, Consumer<Chain> begin) {
        news = false;
        if (waiting.isEmpty()) {
            return;
        }
        ahead.clear();
        int admitted = 0;
        Iterator<Chain> each = waiting.iterator();
        while (each.hasNext() && admitted < limitChains && liveChains < liveLimitChains) {
            Chain chain = each.next();
            if (mayBegin(chain)) {
                each.remove();
                occupy(chain);
                begin.accept(chain);
                admitted++;
            } else {
                ahead.add(chain.offsetBytes(), chain.lengthBytes(), chain.operation().writes());
            }
        }
        news = each.hasNext() && liveChains < liveLimitChains;
    }

    private boolean mayBegin(Chain chain) {
        if (!chain.operation().claimsRange()) {
            return true;
        }
        boolean writes = chain.operation().writes();
        return !live.conflicts(chain.offsetBytes(), chain.lengthBytes(), writes)
                && !ahead.conflicts(chain.offsetBytes(), chain.lengthBytes(), writes);
    }

    /** Drops what waits of one ring: nobody marked it, so nobody has to finish it. */
    int dropWaiting(long ringId) {
        int before = waiting.size();
        waiting.removeIf(chain -> chain.ringId() == ringId);
        return before - waiting.size();
    }
}
