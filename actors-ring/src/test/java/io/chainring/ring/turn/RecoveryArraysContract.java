package io.chainring.ring.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.record.RecoveryArrays;
import io.chainring.ring.request.Operation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a recovery makes of a ring's arrays, whoever keeps them. */
abstract class RecoveryArraysContract {
    private final CoreBench bench = new CoreBench();
    private final CoreBench.Ring ring = bench.openRing(7);
    private final RingTable rings = new RingTable();
    private final ProcessingCursor cursor = new ProcessingCursor();

    /** The same arrays in the memory that is tested. */
    abstract RecoveryArrays keep(RecoveryArrays journaled);

    /** One chain is completed and not taken, two are begun, one is new; then the backend dies. */
    private RecoveryArrays aDeathInTheMiddle() {
        bench.serve();
        ring.submit(Operation.WRITE, 0, 512);
        bench.core.turn();
        bench.settle();
        ring.submit(Operation.WRITE, 8192, 1024);
        ring.submit(Operation.READ, 4096, 512);
        bench.core.turn();
        bench.settle();
        bench.finish(bench.executed.get(0), 1);
        bench.settle();
        ring.submit(Operation.WRITE, 16384, 512);
        RecoveryArrays journaled = bench.state.slot(0);
        if (journaled == null) {
            throw new IllegalStateException("the ring has no arrays");
        }
        return keep(journaled);
    }

    private Resumption resume(RecoveryArrays arrays, CoreBench.Ring brought) {
        RingStatistics statistics = new RingStatistics();
        ChainReader reader = new ChainReader(BackendLimits.DEFAULT);
        reader.capacityBytes(CoreBench.CAPACITY_BYTES);
        rings.add(new AttachedRing(brought, brought.frontend.introduce()));
        List<@Nullable RecoveryArrays> slots = new ArrayList<>();
        slots.add(arrays);
        Resumption resumption =
                new Resumption(
                        slots,
                        BackendLimits.DEFAULT,
                        rings,
                        reader,
                        statistics,
                        cursor,
                        List.of(),
                        new RingGuard(cursor, statistics, new Admission()));
        resumption.run();
        return resumption;
    }

    @Test
    void begunChainsAreLiveAgainInTheirOrderAndTheOthersAreWhatTheyAre() {
        RecoveryArrays arrays = aDeathInTheMiddle();
        Resumption resumption = resume(arrays, ring);
        List<String> live = new ArrayList<>();
        for (Chain chain : resumption.live()) {
            live.add(
                    chain.beginSequence()
                            + " "
                            + chain.operation()
                            + " "
                            + chain.offsetBytes()
                            + "+"
                            + chain.lengthBytes());
        }
        Collections.sort(live);
        assertEquals(List.of("2 WRITE 8192+1024", "3 READ 4096+512"), live);
        assertTrue(resumption.toFail().isEmpty());
        AttachedRing attached = rings.bySlot(0);
        assertTrue(attached.isServed());
        assertEquals(1, Resumption.completedHeads(attached, arrays).size());
        assertEquals(1, Resumption.newHeads(attached, arrays).size());
        assertEquals(2, arrays.marked());
    }

    @Test
    void aRingThatContradictsItsArraysIsClosedAndWhatItBeganEnds() {
        RecoveryArrays arrays = aDeathInTheMiddle();
        Resumption resumption = resume(arrays, bench.openRing(7));
        assertFalse(rings.bySlot(0).isServed());
        assertEquals(2, resumption.toFail().size());
    }
}
