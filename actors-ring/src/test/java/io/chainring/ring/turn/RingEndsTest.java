package io.chainring.ring.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import io.chainring.ring.transport.Outstanding;
import io.chainring.ring.virtqueue.QueueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How rings end: clients that go, executors and processes that die, memory that holds nonsense. */
class RingEndsTest {
    private final CoreBench bench = new CoreBench();
    private final CoreBench.Ring ring = bench.openRing(7);

    private Chain execute(Operation operation, long offsetBytes, int lengthBytes) {
        ring.submit(operation, offsetBytes, lengthBytes);
        bench.core.turn();
        bench.settle();
        return bench.executed.get(bench.executed.size() - 1);
    }

    @Test
    void f1_aRingIsLetGoWhenNothingOfItRuns() {
        bench.serve();
        Chain chain = execute(Operation.WRITE, 0, 512);
        bench.core.detach(7);
        bench.settle();
        assertEquals(List.of(), bench.detached);
        bench.finish(chain, 1);
        bench.settle();
        assertEquals(List.of(7L), bench.detached);
        assertEquals(1, bench.statistics.droppedCompletions.get());
    }

    @Test
    void f2_ofALostConnectionWhatHasNotBegunIsDropped() {
        bench.serve();
        Chain begun = execute(Operation.WRITE, 0, 512);
        ring.submit(Operation.WRITE, 0, 512);
        bench.core.turn();
        bench.settle();
        assertEquals(1, bench.core.waitingChains());
        ring.submit(Operation.WRITE, 512, 512);
        bench.core.detach(7);
        bench.finish(begun, 1);
        bench.settle();
        assertEquals(1, bench.executed.size(), "unread and unbegun requests never execute");
        assertEquals(List.of(7L), bench.detached);
        assertEquals(0, bench.marked());
    }

    @Test
    void f2_alsoWhenTheBackendDiesInBetween() {
        bench.serve();
        Chain begun = execute(Operation.WRITE, 0, 512);
        ring.submit(Operation.WRITE, 0, 512);
        bench.restart();
        bench.acknowledge();
        bench.core.expectRings(bench.epoch(), List.of(7L));
        bench.attach(ring, true);
        bench.core.adopted(bench.epoch(), 1, CoreBench.CAPACITY_BYTES, List.of(begun), List.of());
        bench.settle();
        assertEquals(List.of(), bench.detached);
        bench.finish(begun, 1);
        bench.settle();
        assertEquals(List.of(), bench.executed);
        assertEquals(List.of(7L), bench.detached);
    }

    @Test
    void h1_begunChainsAreExecutedAgainByTheNextExecutor() {
        bench.serve();
        execute(Operation.WRITE, 0, 512);
        ring.submit(Operation.WRITE, 4096, 512);
        bench.core.turn();
        bench.core.executorChanged();
        bench.core.adopted(bench.epoch(), 2, CoreBench.CAPACITY_BYTES, List.of(), List.of());
        assertEquals(2, bench.executed.size(), "I1: the second one's mark is not acknowledged yet");
        bench.acknowledge();
        assertEquals(3, bench.executed.size());
        assertEquals(4096, bench.executed.get(2).offsetBytes());
    }

    @Test
    void h1_theDeadExecutorsLateAnswerIsNotItsSuccessors() {
        bench.restart();
        bench.acknowledge();
        bench.core.executorChanged();
        bench.core.adopted(bench.epoch(), 2, CoreBench.CAPACITY_BYTES, List.of(), List.of());
        bench.core.adopted(bench.epoch(), 1, CoreBench.CAPACITY_BYTES, List.of(), List.of());
        bench.core.expectRings(bench.epoch(), List.of(7L));
        bench.attach(ring, false);
        bench.settle();
        Chain chain = execute(Operation.WRITE, 0, 512);
        bench.executorIncarnation = 2;
        bench.finish(chain, 1);
        bench.settle();
        assertEquals(1, ring.take());
    }

    @Test
    void p1_marksOfRingsThatNobodyHoldsAreAbandoned() {
        bench.serve();
        execute(Operation.WRITE, 0, 512);
        bench.rings.clear();
        CoreBench.Ring next = bench.openRing(8);
        next.submit(Operation.WRITE, 0, 512);
        bench.restart();
        bench.resume(List.of(), List.of());
        bench.settle();
        assertEquals(List.of(7L), bench.detached);
        assertEquals(1, bench.statistics.abandonedChains.get());
        assertEquals(1, bench.executed.size());
        assertEquals(8, bench.executed.get(0).ringId());
        assertTrue(
                bench.journal.stream()
                        .flatMap(record -> record.detached().stream())
                        .anyMatch(gone -> gone.ringId() == 7 && gone.abandonedChains() == 1));
    }

    @Test
    void aHeadThatIsLiveCannotBePublishedAgainAfterARestart() {
        CoreBench.Ring other = bench.openRing(8);
        bench.serve();
        Chain chain = execute(Operation.WRITE, 0, 512);
        bench.restart();
        bench.resume(List.of(chain), List.of());
        bench.settle();
        QueueLayout layout = ring.layout();
        int index = ring.map().getU16(layout.availableRingAddress() + 2);
        ring.map().setU16(layout.availableRingAddress() + 4 + 2L * (index & 31), chain.head());
        ring.map().setU16(layout.availableRingAddress() + 2, index + 1);
        BlockRequest honest = other.submit(Operation.WRITE, 8192, 512);
        bench.core.turn();
        bench.settle();
        assertEquals(List.of(7L), bench.mustClose);
        assertEquals(1, bench.statistics.brokenRings.get());
        bench.finish(bench.executed.get(0), 1);
        bench.settle();
        assertEquals(1, other.take(), "the other ring goes on");
        assertEquals(ChainStatus.OK, honest.status());
        bench.core.detach(7);
        bench.finish(chain, 2);
        bench.settle();
        assertEquals(List.of(7L), bench.detached);
    }

    @Test
    void aRingWhoseUsedIndexWasTamperedWithBreaksAlone() {
        bench.serve();
        Chain chain = execute(Operation.WRITE, 0, 512);
        bench.restart();
        bench.acknowledge();
        bench.core.expectRings(bench.epoch(), List.of(7L));
        ring.take();
        Outstanding outstanding = ring.frontend.introduce();
        ring.map().setU16(ring.layout().usedRingAddress() + 2, 1);
        bench.core.attach(ring, outstanding, false);
        bench.core.adopted(bench.epoch(), 1, CoreBench.CAPACITY_BYTES, List.of(chain), List.of());
        bench.settle();
        assertEquals(List.of(7L), bench.mustClose);
        bench.finish(chain, 1);
        bench.settle();
        assertEquals(0, bench.marked(), "what was begun is recorded as ended");
    }

    @Test
    void aBrokenRingStaysRecordedUntilItsOwnerKnows() {
        bench.serve();
        execute(Operation.WRITE, 0, 512);
        ring.map().setU16(ring.layout().availableRingAddress() + 2, 200);
        bench.core.turn();
        bench.finish(bench.executed.get(0), 1);
        bench.settle();
        assertEquals(List.of(7L), bench.mustClose);
        assertEquals(List.of(), bench.detached);
        bench.restart();
        assertEquals(0, bench.marked());
        bench.acknowledge();
        bench.core.expectRings(bench.epoch(), List.of(7L));
        bench.attach(ring, true);
        bench.core.adopted(bench.epoch(), 1, CoreBench.CAPACITY_BYTES, List.of(), List.of());
        bench.settle();
        assertEquals(List.of(7L), bench.detached);
        assertEquals(List.of(), bench.executed, "what was executed is not executed again");
    }

    @Test
    void aNewcomerWaitsForThePlaceOfARingThatCloses() {
        CoreBench small =
                new CoreBench(new BackendLimits(16, 16, 16, 1, 1 << 20, 16, 3, CrashPolicy.RESUME));
        CoreBench.Ring held = small.openRing(1);
        small.serve();
        held.submit(Operation.FLUSH, 0, 0);
        small.core.turn();
        small.settle();
        small.core.detach(1);
        small.attach(small.openRing(2), false);
        small.settle();
        assertEquals(List.of(), small.mustClose, "it was turned away");
        assertEquals(List.of(1L), small.attached);
        small.finish(small.executed.get(0), 1);
        small.settle();
        assertEquals(List.of(1L), small.detached);
        assertEquals(List.of(1L, 2L), small.attached);
    }

    @Test
    void theRingLimitTurnsNewcomersAwayAndNobodyElse() {
        CoreBench small =
                new CoreBench(new BackendLimits(16, 16, 16, 1, 1 << 20, 16, 3, CrashPolicy.RESUME));
        CoreBench.Ring known = small.openRing(1);
        small.serve();
        CoreBench.Ring newcomer = small.openRing(2);
        small.rings.remove(known);
        small.rings.add(known);
        small.restart();
        small.resume(List.of(), List.of());
        small.settle();
        assertEquals(List.of(2L), small.mustClose, "the order in which they attach is no matter");
        small.core.detach(newcomer.ringId());
        small.settle();
        assertEquals(List.of(2L), small.detached);
    }
}
