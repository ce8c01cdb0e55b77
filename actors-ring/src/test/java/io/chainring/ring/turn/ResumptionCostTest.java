package io.chainring.ring.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.request.Operation;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.RandomAccess;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a restart costs with many chains in flight: counted in looks into what the executor has told. */
final class ResumptionCostTest {
    private static final int RINGS = 64;
    private static final int CHAINS_A_RING = 8;
    private static final int CHAINS = RINGS * CHAINS_A_RING;

    /** A list that counts how often an element of it is looked at. */
    private static final class Counted extends AbstractList<Chain> implements RandomAccess {
        private final List<Chain> chains;
        private long looks;

        Counted(List<Chain> chains) {
            this.chains = chains;
        }

        @Override
        public Chain get(int index) {
            looks++;
            return chains.get(index);
        }

        @Override
        public int size() {
            return chains.size();
        }
    }

    private final CoreBench bench = new CoreBench();
    private final List<CoreBench.Ring> rings = new ArrayList<>();

    @Test
    void eachChainOfTheExecutorIsLookedAtAFewTimes() {
        IntStream.range(0, RINGS).forEach(i -> rings.add(bench.openRing(i)));
        bench.serve();
        for (CoreBench.Ring ring : rings) {
            for (int i = 0; i < CHAINS_A_RING; i++) {
                ring.submit(Operation.READ, 512L * i, 512);
            }
        }
        bench.core.turn();
        bench.settle();
        assertEquals(CHAINS, bench.executed.size());
        List<Chain> executed = List.copyOf(bench.executed);
        // A third runs, a third is done, and of a third the executor knows nothing.
        Counted running = new Counted(executed.subList(0, CHAINS / 3));
        List<Chain> ended = executed.subList(CHAINS / 3, 2 * CHAINS / 3);
        IntStream.range(0, ended.size()).forEach(i -> CoreBench.end(ended.get(i), i + 1));
        Counted done = new Counted(ended);
        bench.restart();
        bench.resume(running, done);
        assertEquals(CHAINS - 2 * CHAINS / 3, bench.executed.size());
        bench.settle();
        assertEquals(CHAINS, bench.statistics.resumedChains.get());
        assertEquals(ended.size(), bench.completionsInJournal());
        assertTrue(
                running.looks + done.looks <= 8 * CHAINS,
                () -> running.looks + " and " + done.looks + " looks for " + CHAINS + " chains");
    }
}
