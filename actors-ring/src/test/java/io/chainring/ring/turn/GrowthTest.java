package io.chainring.ring.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A disk that grows under its backend: chains up to the new end are let in, and nobody is told of more than that. */
class GrowthTest {
    private static final long NEW_BYTES = CoreBench.CAPACITY_BYTES + 4096;

    private final CoreBench bench = new CoreBench();
    private final CoreBench.Ring ring = bench.openRing(7);

    private void writeBehindTheOldEnd() {
        ring.submit(Operation.WRITE, CoreBench.CAPACITY_BYTES, 512);
        bench.core.turn();
        bench.settle();
    }

    @Test
    void chainsBehindTheOldEndAreLetInOnceTheExecutorHasSaidSo() {
        bench.serve();
        writeBehindTheOldEnd();
        assertEquals(List.of(), bench.executed);
        ring.take();
        assertEquals(ChainStatus.INVALID, ring.completed.get(0).status());
        bench.core.resized(bench.epoch(), bench.executorIncarnation, NEW_BYTES);
        assertEquals(NEW_BYTES, bench.knownCapacities.get(bench.knownCapacities.size() - 1));
        writeBehindTheOldEnd();
        assertEquals(1, bench.executed.size());
    }

    @Test
    void wordOfOthersAndSmallerSizesAreIgnored() {
        bench.serve();
        List<Long> known = List.copyOf(bench.knownCapacities);
        bench.core.resized(bench.epoch() - 1, bench.executorIncarnation, NEW_BYTES);
        bench.core.resized(bench.epoch(), bench.executorIncarnation + 1, NEW_BYTES);
        bench.core.resized(bench.epoch(), bench.executorIncarnation, 512);
        assertEquals(known, bench.knownCapacities);
        writeBehindTheOldEnd();
        assertEquals(List.of(), bench.executed);
    }

    @Test
    void aNewEpochHearsItWithItsAdoption() {
        bench.serve();
        bench.restart();
        bench.acknowledge();
        bench.core.expectRings(bench.epoch(), List.of(7L));
        bench.attach(ring, false);
        bench.core.adopted(
                bench.epoch(), bench.executorIncarnation, NEW_BYTES, List.of(), List.of());
        bench.settle();
        writeBehindTheOldEnd();
        assertEquals(1, bench.executed.size());
    }
}
