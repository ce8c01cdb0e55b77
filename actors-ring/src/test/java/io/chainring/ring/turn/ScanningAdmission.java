package io.chainring.ring.turn;

import io.chainring.ring.execute.Chain;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/**
 * The rule of {@link Admission} as its sentence says it, and nothing else: each turn goes through everything that waits,
 * in order, and holds each chain against everything that is live and everything that was passed over before it.
 */
final class ScanningAdmission {
    private final List<Chain> waiting = new ArrayList<>();
    private final List<Chain> live = new ArrayList<>();
    private long comparisons;

    /** How often two chains were held against each other. */
    long comparisons() {
        return comparisons;
    }

    int waitingChains() {
        return waiting.size();
    }

    List<Chain> live() {
        return live;
    }

    void add(Chain chain) {
        waiting.add(chain);
    }

    void release(Chain chain) {
        live.remove(chain);
    }

    void admit(int limitChains, int liveLimitChains, Consumer<Chain> begin) {
        List<Chain> ahead = new ArrayList<>();
        int admitted = 0;
        Iterator<Chain> each = waiting.iterator();
        while (each.hasNext() && admitted < limitChains && live.size() < liveLimitChains) {
            Chain chain = each.next();
            if (anyInTheWay(chain, live) || anyInTheWay(chain, ahead)) {
                ahead.add(chain);
            } else {
                each.remove();
                live.add(chain);
                begin.accept(chain);
                admitted++;
            }
        }
    }

    void dropWaiting(long ringId) {
        waiting.removeIf(chain -> chain.ringId() == ringId);
    }

    private boolean anyInTheWay(Chain chain, List<Chain> others) {
        for (Chain other : others) {
            comparisons++;
            if (chain.operation().claimsRange()
                    && other.operation().claimsRange()
                    && (chain.operation().writes() || other.operation().writes())
                    && chain.offsetBytes() < other.offsetBytes() + other.lengthBytes()
                    && other.offsetBytes() < chain.offsetBytes() + chain.lengthBytes()) {
                return true;
            }
        }
        return false;
    }
}
