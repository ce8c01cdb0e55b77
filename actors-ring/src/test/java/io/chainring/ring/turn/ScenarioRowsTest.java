package io.chainring.ring.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.record.TurnEvent;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rows of the scenarios about a dying backend, each once, in the decisions alone. */
class ScenarioRowsTest {
    private final CoreBench bench = new CoreBench();
    private final CoreBench.Ring ring = bench.openRing(7);

    private void dies(KillPoint point, Runnable step) {
        bench.dieAt = point;
        assertThrows(CoreBench.Death.class, step::run);
    }

    @Test
    void k1_aChainTakenAndNotMarkedComesBackAsNew() {
        bench.serve();
        ring.submit(Operation.WRITE, 0, 512);
        dies(KillPoint.TAKEN, bench.core::turn);
        bench.restart();
        bench.resume(List.of(), List.of());
        assertEquals(List.of(), bench.executed, "nothing was begun, so nothing is resumed");
        bench.settle();
        assertEquals(1, bench.executed.size());
        assertEquals(0, bench.statistics.resumedChains.get());
        bench.finish(bench.executed.get(0), 1);
        bench.settle();
        assertEquals(1, ring.take());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void k2_theJournalAloneDecidesAboutAMarkNobodyHeardOf(boolean stored) {
        bench.serve();
        ring.submit(Operation.WRITE, 0, 512);
        bench.core.turn();
        assertEquals(List.of(), bench.executed, "I1: the mark is not acknowledged");
        if (stored) {
            bench.store();
        }
        bench.restart();
        bench.resume(List.of(), List.of());
        assertEquals(stored ? 1 : 0, bench.statistics.resumedChains.get());
        bench.settle();
        assertEquals(1, bench.executed.size(), "resumed or new, never both");
        bench.finish(bench.executed.get(0), 1);
        bench.settle();
        assertEquals(1, ring.take());
        assertEquals(1, bench.completionsInJournal());
    }

    @Test
    void k3_markedChainsAreResumedInBeginOrderBeforeAnythingNew() {
        bench.serve();
        ring.submit(Operation.WRITE, 8192, 512);
        ring.submit(Operation.WRITE, 0, 512);
        ring.submit(Operation.READ, 4096, 512);
        bench.core.turn();
        dies(KillPoint.EXECUTING, bench::acknowledge);
        ring.submit(Operation.WRITE, 2048, 512);
        bench.restart();
        assertTrue(bench.pending != null && bench.pending.beginsEpoch(), "the epoch comes first");
        bench.resume(List.of(), List.of());
        assertEquals(3, bench.executed.size());
        assertEquals(
                List.of(8192L, 0L, 4096L),
                bench.executed.stream().map(Chain::offsetBytes).toList());
        bench.settle();
        assertEquals(4, bench.executed.size());
        assertEquals(2048, bench.executed.get(3).offsetBytes());
    }

    @Test
    void k4_resultsAreTakenFromTheHost() {
        bench.serve();
        ring.submit(Operation.WRITE, 0, 512);
        ring.submit(Operation.WRITE, 4096, 512);
        ring.submit(Operation.WRITE, 8192, 512);
        bench.core.turn();
        bench.settle();
        List<Chain> handed = new ArrayList<>(bench.executed);
        Chain done = CoreBench.end(handed.get(0), 1);
        bench.restart();
        bench.resume(List.of(handed.get(1)), List.of(done));
        bench.settle();
        assertEquals(1, bench.executed.size(), "only what the host does not know");
        assertEquals(8192, bench.executed.get(0).offsetBytes());
        assertEquals(1, ring.take(), "the done one is completed from its result");
        bench.finish(handed.get(1), 2);
        bench.finish(bench.executed.get(0), 3);
        bench.settle();
        assertEquals(3, ring.take());
        assertEquals(1, bench.statistics.reexecutedChains.get());
    }

    @Test
    void k5_anAnswerToADeadEpochIsIgnoredAndFoundAgain() {
        bench.serve();
        ring.submit(Operation.WRITE, 0, 512);
        bench.core.turn();
        bench.settle();
        Chain chain = bench.executed.get(0);
        bench.restart();
        long deadEpoch = bench.epoch();
        bench.core.executed(deadEpoch, 1, List.of(CoreBench.end(chain, 1)));
        bench.resume(List.of(), List.of(chain));
        bench.settle();
        assertEquals(List.of(), bench.executed);
        assertEquals(1, ring.take());
        ring.submit(Operation.WRITE, 512, 512);
        bench.core.turn();
        bench.settle();
        assertEquals(1, bench.journaledUpTo, "the result is journaled and may be forgotten");
    }

    @Test
    void k6_aRecordedCompletionIsPublishedAgainWithoutExecution() {
        bench.serve();
        BlockRequest request = ring.submit(Operation.READ, 0, 1024);
        bench.core.turn();
        bench.settle();
        Chain chain = bench.executed.get(0);
        bench.finish(chain, 1);
        dies(KillPoint.RECORDED, bench::acknowledge);
        assertEquals(0, ring.take());
        bench.restart();
        bench.resume(List.of(), List.of(chain));
        bench.settle();
        assertEquals(List.of(), bench.executed);
        assertEquals(1, ring.take());
        assertEquals(ChainStatus.OK, request.status());
        assertEquals(1024, request.writtenBytes());
        assertEquals(1, bench.statistics.renotifiedChains.get());
        assertEquals(1, bench.completionsInJournal());
    }

    @Test
    void k7_whatWasPublishedBeforeTheDeathIsTakenOnce() {
        bench.serve();
        ring.submit(Operation.WRITE, 0, 512);
        bench.core.turn();
        bench.settle();
        bench.finish(bench.executed.get(0), 1);
        int informed = ring.informed;
        dies(KillPoint.PUBLISHED, bench::acknowledge);
        assertEquals(informed, ring.informed);
        bench.restart();
        bench.resume(List.of(), List.of());
        bench.settle();
        assertEquals(1, ring.take());
        assertEquals(0, bench.statistics.renotifiedChains.get());
        assertEquals(0, ring.frontend.outstandingRequests());
    }

    @ParameterizedTest
    @EnumSource(
            value = KillPoint.class,
            names = {"RECOVERED", "EPOCH_BEGUN", "RESUMING", "EXECUTING", "EXECUTED"})
    void k8_deathsInTheRecoveryHaveTheOutcomeOfOne(KillPoint point) {
        bench.serve();
        ring.submit(Operation.WRITE, 0, 512);
        bench.core.turn();
        bench.acknowledge();
        bench.restart();
        bench.resume(List.of(), List.of());
        for (int i = 0; i < 2; i++) {
            assertThrows(
                    CoreBench.Death.class,
                    () -> {
                        bench.restart(point);
                        bench.resume(List.of(), List.of());
                    });
        }
        bench.restart();
        bench.resume(List.of(), List.of());
        bench.settle();
        long epochs = bench.journal.stream().filter(TurnEvent::beginsEpoch).count();
        assertEquals(bench.epoch(), epochs, "the epoch grows by one each time");
        assertEquals(1, bench.marked());
        bench.finish(bench.executed.get(0), 1);
        bench.settle();
        assertEquals(1, ring.take());
        assertEquals(1, bench.completionsInJournal());
    }

    @ParameterizedTest
    @EnumSource(
            value = KillPoint.class,
            names = {"TAKEN", "EXECUTING"})
    void k9_aChainThatKillsItsBackendEndsWithAnError(KillPoint point) {
        bench.serve();
        BlockRequest poison = ring.submit(Operation.WRITE, 0, 512);
        int deaths = 0;
        bench.dieAt = point;
        while (ring.take() == 0) {
            try {
                bench.core.turn();
                bench.settle();
            } catch (CoreBench.Death death) {
                deaths++;
                resumeDying(point);
            }
        }
        assertEquals(BackendLimits.DEFAULT.poisonLimitAttempts(), deaths + extraDeaths);
        assertEquals(ChainStatus.IOERR, poison.status());
        bench.dieAt = null;
        ring.submit(Operation.WRITE, 512, 512);
        bench.core.turn();
        bench.settle();
        assertEquals(512, bench.executed.get(0).offsetBytes(), "the disk goes on");
    }

    private int extraDeaths;

    private void resumeDying(KillPoint point) {
        try {
            bench.restart(point);
            bench.resume(List.of(), List.of());
        } catch (CoreBench.Death death) {
            extraDeaths++;
            resumeDying(point);
        }
    }

    @Test
    void k10_aFlushInFlightIsExecutedAgain() {
        bench.serve();
        ring.submit(Operation.WRITE, 0, 512);
        bench.core.turn();
        bench.settle();
        bench.finish(bench.executed.get(0), 1);
        bench.settle();
        bench.executed.clear();
        ring.submit(Operation.FLUSH, 0, 0);
        bench.core.turn();
        bench.settle();
        bench.restart();
        bench.resume(List.of(), List.of());
        assertEquals(1, bench.executed.size());
        assertEquals(Operation.FLUSH, bench.executed.get(0).operation());
    }

    @Test
    void k11_waitingChainsAreNotMarkedAndComeBackInOrder() {
        CoreBench.Ring other = bench.openRing(8);
        bench.serve();
        ring.submit(Operation.WRITE, 0, 1024);
        bench.core.turn();
        bench.settle();
        ring.submit(Operation.WRITE, 512, 512);
        ring.submit(Operation.READ, 512, 512);
        other.submit(Operation.WRITE, 0, 512);
        bench.core.turn();
        bench.settle();
        assertEquals(3, bench.core.waitingChains());
        assertEquals(1, bench.marked());
        Chain running = bench.executed.get(0);
        bench.restart();
        bench.resume(List.of(running), List.of());
        bench.settle();
        assertEquals(List.of(), bench.executed, "they wait for what the host still runs");
        assertEquals(3, bench.core.waitingChains());
        bench.finish(running, 1);
        bench.settle();
        assertEquals(2, bench.executed.size(), "the first of each overlap");
        assertEquals(Operation.WRITE, bench.executed.get(0).operation());
        bench.finish(bench.executed.get(0), 2);
        bench.finish(bench.executed.get(1), 3);
        bench.settle();
        assertEquals(Operation.READ, bench.executed.get(2).operation());
        bench.finish(bench.executed.get(2), 4);
        bench.settle();
        assertEquals(3, ring.take());
        assertEquals(1, other.take());
    }

    @Test
    void s4_aHardStopInsideTheSectionIsCoveredByTheRecord() {
        bench.serve();
        ring.submit(Operation.WRITE, 0, 512);
        bench.core.turn();
        bench.settle();
        Chain chain = bench.executed.get(0);
        bench.finish(chain, 1);
        assertTrue(bench.masked, "the section begins with the record");
        dies(KillPoint.RECORDED, bench::acknowledge);
        bench.restart();
        bench.resume(List.of(), List.of(chain));
        bench.settle();
        assertFalse(bench.masked);
        assertNull(bench.pending);
        assertEquals(1, ring.take());
    }
}
