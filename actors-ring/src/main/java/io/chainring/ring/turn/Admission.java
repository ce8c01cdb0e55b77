package io.chainring.ring.turn;

import io.chainring.ring.execute.Chain;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which of the taken chains may begin (invariant I4). One queue for all rings of the disk: a chain begins when its
 * range is free of everything that is live and of everything that has waited longer, so overlapping chains keep the
 * order in which they were taken and none starves (K11). A range becomes free with the record that holds its chain's
 * completion, and may be taken in that same record.
 *
 * <pre>
 *   add ---- nothing older overlaps ----> ready ---- admit, oldest first ----> live ---- release ----> gone
 *    |                                      ^                                               |
 *    +---> watches one that does            |                                               |
 *                ^                          |                                               |
 *                +------------------ looks again <------ those who watch the one that goes -+
 * </pre>
 *
 * What is live and what waits claim their ranges alike, in one order: that of their taking. Whatever stands in the way
 * of a chain is older than it, and what comes later never is, so who is ready stays so. It watches the youngest one if it can: of those that
 * overlap each other that one ends last. A turn looks at what is new and at those who watched what ended, each once and
 * each at the cost of {@link BusyRanges#oldest}: n log n at worst, and next to nothing where each waits for the one before.
 */
final class Admission {
    /** A chain that claims a range, or waits. */
    private static final class Taken {
        final Chain chain;
        final long order;
        int claim = BusyRanges.NONE;
        boolean waits;
        @Nullable Taken watched;
        @Nullable Set<Taken> watchers;

        Taken(Chain chain, long order) {
            this.chain = chain;
            this.order = order;
        }
    }

    private final BusyRanges ranges = new BusyRanges();
    private final Map<Chain, Taken> taken = new HashMap<>();
    private @Nullable Taken[] byClaim = new Taken[64];
    private final ArrayDeque<Taken> readyAtOnce = new ArrayDeque<>();
    private final PriorityQueue<Taken> readyAfterAll =
            new PriorityQueue<>(Comparator.comparingLong((Taken one) -> one.order));
    private final List<Taken> toLook = new ArrayList<>();
    private long nextOrder;
    private int waitingChains;
    private int liveChains;
    private boolean full;

    int waitingChains() {
        return waitingChains;
    }

    int liveChains() {
        return liveChains;
    }

    /** Steps that all looks so far have taken. */
    long visits() {
        return ranges.visits();
    }

    void add(Chain chain) {
        Taken one = new Taken(chain, nextOrder++);
        one.waits = true;
        waitingChains++;
        taken.put(chain, one);
        // All that is here is older.
        Taken inTheWay = youngestInTheWayOf(one);
        if (inTheWay == null) {
            readyAtOnce.add(one);
        } else {
            watch(one, inTheWay);
        }
        claim(one);
    }

    /** The chain is live without waiting: it was marked by an earlier epoch. */
    void occupy(Chain chain) {
        liveChains++;
        if (chain.operation().claimsRange()) {
            Taken one = new Taken(chain, nextOrder++);
            taken.put(chain, one);
            claim(one);
        }
    }

    /** The chain's completion goes into the record in the making. */
    void release(Chain chain) {
        liveChains--;
        full = false;
        if (chain.operation().claimsRange()) {
            Taken one = taken.remove(chain);
            if (one == null || one.waits) {
                throw new IllegalStateException("it claims no range: " + chain);
            }
            giveUp(one);
        }
    }

    /** True when something that waits may be able to begin: something ended, or a limit cut the last round. */
    boolean hasNews() {
        return !toLook.isEmpty() || !full && firstReady() != null;
    }

    /** Hands out what may begin, in order, and counts it as live. */
    void admit(int limitChains, int liveLimitChains, Consumer<Chain> begin) {
        lookAgain();
        for (int admitted = 0; admitted < limitChains && liveChains < liveLimitChains; admitted++) {
            Taken one = firstReady();
            if (one == null) {
                break;
            }
            if (one == readyAtOnce.peek()) {
                readyAtOnce.remove();
            } else {
                readyAfterAll.remove();
            }
            one.waits = false;
            waitingChains--;
            liveChains++;
            if (!one.chain.operation().claimsRange()) {
                taken.remove(one.chain);
            }
            begin.accept(one.chain);
        }
        full = liveChains >= liveLimitChains;
    }

    /** Drops what waits of one ring: nobody marked it, so nobody has to finish it. */
    int dropWaiting(long ringId) {
        int before = waitingChains;
        Iterator<Taken> each = taken.values().iterator();
        while (each.hasNext()) {
            Taken one = each.next();
            if (one.waits && one.chain.ringId() == ringId) {
                each.remove();
                one.waits = false;
                waitingChains--;
                stopWatching(one);
                giveUp(one);
            }
        }
        if (waitingChains < before) {
            readyAtOnce.removeIf(one -> !one.waits);
            readyAfterAll.removeIf(one -> !one.waits);
        }
        return before - waitingChains;
    }

    /** The oldest of those that may begin. The ones that were free at once stand in the order in which they came. */
    private @Nullable Taken firstReady() {
        Taken atOnce = readyAtOnce.peek();
        Taken afterAll = readyAfterAll.peek();
        if (atOnce == null || afterAll == null) {
            return atOnce == null ? afterAll : atOnce;
        }
        return atOnce.order < afterAll.order ? atOnce : afterAll;
    }

    private void claim(Taken one) {
        Chain chain = one.chain;
        if (!chain.operation().claimsRange()) {
            return;
        }
        one.claim =
                ranges.add(
                        chain.offsetBytes(),
                        chain.lengthBytes(),
                        chain.operation().writes(),
                        one.order);
        if (one.claim >= byClaim.length) {
            byClaim = Arrays.copyOf(byClaim, Math.max(one.claim + 1, 2 * byClaim.length));
        }
        if (one.claim != BusyRanges.NONE) {
            byClaim[one.claim] = one;
        }
    }

    /** Frees its range; who watched it has to look again. */
    private void giveUp(Taken one) {
        if (one.claim != BusyRanges.NONE) {
            ranges.remove(one.claim);
            byClaim[one.claim] = null;
        }
        Set<Taken> watchers = one.watchers;
        if (watchers != null) {
            for (Taken watcher : watchers) {
                watcher.watched = null;
                toLook.add(watcher);
            }
        }
    }

    private void lookAgain() {
        for (Taken one : toLook) {
            if (one.waits) {
                look(one);
            }
        }
        toLook.clear();
    }

    /** It is ready, or watches another one. */
    private void look(Taken one) {
        Taken oldest = oldestInTheWayOf(one);
        if (oldest == null || oldest.order >= one.order) {
            readyAfterAll.add(one);
        } else {
            Taken youngest = youngestInTheWayOf(one);
            if (youngest != null && youngest.order < one.order) {
                watch(one, youngest);
            } else {
                watch(one, oldest);
            }
        }
    }

    private static void watch(Taken one, Taken inTheWay) {
        if (inTheWay.watchers == null) {
            inTheWay.watchers = new LinkedHashSet<>();
        }
        inTheWay.watchers.add(one);
        one.watched = inTheWay;
    }

    private @Nullable Taken oldestInTheWayOf(Taken one) {
        Chain chain = one.chain;
        return byClaim(
                ranges.oldest(
                        chain.offsetBytes(), chain.lengthBytes(), chain.operation().writes()));
    }

    private @Nullable Taken youngestInTheWayOf(Taken one) {
        Chain chain = one.chain;
        return chain.operation().claimsRange()
                ? byClaim(
                        ranges.youngest(
                                chain.offsetBytes(),
                                chain.lengthBytes(),
                                chain.operation().writes()))
                : null;
    }

    private @Nullable Taken byClaim(int claim) {
        return claim == BusyRanges.NONE ? null : byClaim[claim];
    }

    private static void stopWatching(Taken one) {
        Taken watched = one.watched;
        if (watched != null && watched.watchers != null) {
            watched.watchers.remove(one);
            one.watched = null;
        }
    }
}
