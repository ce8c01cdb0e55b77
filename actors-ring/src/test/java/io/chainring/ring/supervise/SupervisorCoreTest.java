package io.chainring.ring.supervise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.ring.backend.BackendNotice;
import io.chainring.ring.backend.RingListener;
import io.chainring.ring.frontend.FrontendCommand;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import io.chainring.ring.transport.Outstanding;
import io.chainring.ring.turn.RingStatistics;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The supervisor's decisions, each by what it is told and what it wants done; the simulation has the rest. */
class SupervisorCoreTest {
    private static final long LIMIT_NANOS = 1_000_000;

    private final NotingEffects effects = new NotingEffects();
    private final List<String> done = effects.done;
    private final RingStatistics statistics = new RingStatistics();
    private long now = 1;
    private final SupervisorCore core =
            new SupervisorCore(
                    new SupervisorCore.Policy(
                            "d",
                            2,
                            Duration.ofNanos(10),
                            Duration.ofNanos(100),
                            Duration.ofNanos(LIMIT_NANOS)),
                    effects,
                    statistics,
                    RingListener.NONE,
                    now);

    private List<String> hear(SupervisorInput input) {
        done.clear();
        core.apply(input, ++now);
        return List.copyOf(done);
    }

    private List<String> notice(BackendNotice notice) {
        return hear(new SupervisorInput.Noticed(notice));
    }

    private List<String> open(long ringId) {
        return hear(new SupervisorInput.Opens(ringId));
    }

    private List<String> close(long ringId) {
        return hear(new SupervisorCommand.CloseRing(ringId));
    }

    private List<String> introduced(long ringId, long epoch) {
        return hear(
                new SupervisorInput.Introduced(
                        new FrontendCommand.Introduced(ringId, epoch, Outstanding.NONE)));
    }

    /** The first backend serves. */
    private void serve() {
        hear(SupervisorInput.Order.START);
        notice(new BackendNotice.RingsWanted(1, 7));
        notice(new BackendNotice.CapacityKnown(4096));
        notice(new BackendNotice.Serving(7));
    }

    private void openWholly(long ringId) {
        open(ringId);
        introduced(ringId, 7);
        notice(new BackendNotice.RingAttached(ringId));
    }

    @Test
    void aRingIsOpenWhenItIsRecordedAndSeesWhatTheBackendLetsIn() {
        assertEquals(List.of("executor 1", "backend 1"), hear(SupervisorInput.Order.START));
        assertEquals(List.of("ring 5"), open(5));
        assertEquals(
                List.of("expect [5]", "introduce 5"), notice(new BackendNotice.RingsWanted(1, 7)));
        assertEquals(List.of(), introduced(5, 6), "an answer to another epoch");
        assertEquals(List.of("attach 5"), introduced(5, 7));
        notice(new BackendNotice.CapacityKnown(4096));
        assertEquals(List.of("opened 5 with 4096"), notice(new BackendNotice.RingAttached(5)));
        assertEquals(List.of(), notice(new BackendNotice.RingAttached(5)), "it is said once");
    }

    @Test
    void aCloseEndsARingInEveryState() {
        serve();
        assertEquals(List.of(), close(5), "none such");
        open(5);
        assertEquals(List.of("end 5"), close(5), "nobody was told of it");
        assertEquals(List.of("gone 5"), hear(new SupervisorInput.FrontendEnded(5)));

        open(6);
        introduced(6, 7);
        assertEquals(List.of("detach 6"), close(6), "told and not recorded");
        assertEquals(List.of(), close(6));
        assertEquals(List.of(), notice(new BackendNotice.RingAttached(6)), "it never opens");
        assertEquals(List.of(), open(8), "waits for 6 (I9)");
        assertEquals(List.of("gone 8"), close(8));
        assertEquals(List.of("end 6"), notice(new BackendNotice.RingDetached(6, "drained")));
        assertEquals(List.of(), close(6), "it departs");
        assertEquals(List.of("gone 6"), hear(new SupervisorInput.FrontendEnded(6)));

        openWholly(9);
        assertEquals(List.of("detach 9"), close(9));
    }

    @Test
    void whatNoBackendKnowsGoesWithoutOne() {
        hear(SupervisorInput.Order.START);
        open(5);
        assertEquals(List.of("end 5"), close(5));
        open(6);
        notice(new BackendNotice.RingsWanted(1, 7));
        assertEquals(List.of(), close(6), "the backend waits for it");
        assertEquals(
                List.of("end 6", "after 10"), diesTwice(), "its successor will not wait for it");
    }

    private List<String> diesTwice() {
        List<String> first = hear(new SupervisorInput.Died(Target.BACKEND, 1));
        assertEquals(List.of("end 6", "backend 2"), first);
        List<String> second = hear(new SupervisorInput.Died(Target.BACKEND, 2));
        assertEquals(List.of("after 10"), second);
        return List.of(first.get(0), second.get(0));
    }

    @Test
    void atTheLimitAWishIsRefusedUnlessAPlaceBecomesFree() {
        serve();
        openWholly(1);
        openWholly(2);
        assertEquals(List.of("gone 3"), open(3));
        close(1);
        assertEquals(List.of(), open(4));
        assertEquals(
                List.of("end 1", "ring 4", "introduce 4"),
                notice(new BackendNotice.RingDetached(1, "drained")));
    }

    @Test
    void aRingWithoutMemoryIsRefused() {
        serve();
        effects.hasMemory = false;
        assertEquals(List.of("ring 1", "gone 1"), open(1));
        effects.hasMemory = true;
        assertEquals(List.of("ring 1", "introduce 1"), open(1));
    }

    @Test
    void aBackendIsNotStartedAgainWhileItsJournalTakesNoWrites() {
        serve();
        effects.journalTakesWrites = false;
        String look = "after " + SupervisorCore.JOURNAL_LOOK_NANOS;
        assertEquals(List.of(look), hear(new SupervisorInput.Died(Target.BACKEND, 1)));
        assertEquals(List.of(look), hear(new SupervisorInput.StartNext(Target.BACKEND)));
        assertEquals(0, statistics.backendRestarts.get());
        assertEquals(List.of("executor 2"), hear(new SupervisorInput.Died(Target.HOST, 1)));
        effects.journalTakesWrites = true;
        assertEquals(List.of("backend 2"), hear(new SupervisorInput.StartNext(Target.BACKEND)));
        assertEquals(1, statistics.backendRestarts.get());
    }

    /** The supervisor learns of a death before it reads what the dead one had told it. */
    @Test
    void aBackendThatWasOfUseIsFollowedAtOnceWhateverWasHeardOfIt() {
        hear(SupervisorInput.Order.START);
        for (int incarnation = 1; incarnation <= 20; incarnation++) {
            statistics.usefulBackends.incrementAndGet();
            assertEquals(
                    List.of("backend " + (incarnation + 1)),
                    hear(new SupervisorInput.Died(Target.BACKEND, incarnation)));
        }
        assertEquals(0, statistics.waitedRestarts.get());
        assertEquals(
                List.of("backend 22"), hear(new SupervisorInput.Died(Target.BACKEND, 21)), "one");
        assertEquals(List.of("after 10"), hear(new SupervisorInput.Died(Target.BACKEND, 22)));
        assertEquals(1, statistics.waitedRestarts.get());
    }

    @Test
    void anExecutorWaitsByTheSameRule() {
        serve();
        for (int incarnation = 1; incarnation <= 20; incarnation++) {
            statistics.usefulExecutors.incrementAndGet();
            assertEquals(
                    List.of("executor " + (incarnation + 1)),
                    hear(new SupervisorInput.Died(Target.HOST, incarnation)));
        }
        long dead = 21;
        now += LIMIT_NANOS;
        hear(new SupervisorInput.Died(Target.HOST, dead++));
        for (long wait : List.of(10, 20, 40, 80, 100, 100)) {
            now += LIMIT_NANOS;
            assertEquals(
                    List.of("after " + wait),
                    hear(new SupervisorInput.Died(Target.HOST, dead++)),
                    "it lived long and did nothing");
            hear(new SupervisorInput.StartNext(Target.HOST));
        }
        hear(new SupervisorInput.Killed(Target.HOST));
        assertEquals(
                List.of("after 100"),
                hear(new SupervisorInput.Died(Target.HOST, dead)),
                "a kill tells nothing");
    }

    @Test
    void wordOfADeadBackendChangesNothing() {
        serve();
        hear(new SupervisorInput.Died(Target.BACKEND, 1));
        assertEquals(List.of(), notice(new BackendNotice.RingsWanted(1, 7)));
        long recovery = statistics.recoveries.lastNanos();
        notice(new BackendNotice.Serving(7));
        assertEquals(recovery, statistics.recoveries.lastNanos(), "nobody serves");
        assertEquals(List.of(), hear(new SupervisorInput.Died(Target.BACKEND, 1)));
        assertTrue(core.isUp(Target.BACKEND));
    }

    @Test
    void aRingThatADeadBackendHasLetGoIsAttachedOnceMoreWhereItIsExpected() {
        serve();
        openWholly(5);
        close(5);
        hear(new SupervisorInput.Died(Target.BACKEND, 1));
        notice(new BackendNotice.RingsWanted(2, 8));
        assertEquals(
                List.of("attach 5 closing", "end 5"),
                notice(new BackendNotice.RingDetached(5, "drained")));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anOutageEndsWhatWaitsAndWhoWaits(boolean backendIsUp) {
        serve();
        openWholly(1);
        openWholly(2);
        close(2);
        open(3);
        if (backendIsUp) {
            statistics.recordingSinceNanos.set(now);
        } else {
            hear(new SupervisorInput.Died(Target.BACKEND, 1));
        }
        assertEquals(List.of(), hear(SupervisorInput.Order.LOOK_FOR_OUTAGE));
        now += LIMIT_NANOS;
        List<String> ended = hear(SupervisorInput.Order.LOOK_FOR_OUTAGE);
        assertTrue(ended.contains("give up 1"), ended.toString());
        assertTrue(ended.contains("gone 3"), ended.toString());
        assertFalse(ended.contains("give up 2"), ended.toString());
    }

    /** The journal works, and what keeps the ring is something else: a store that hangs, a record that never comes. */
    @Test
    void whoWaitsForARingLongerThanTheLimitHearsThatItDoesNotOpen() {
        serve();
        openWholly(1);
        close(1);
        open(3);
        open(2);
        now += LIMIT_NANOS / 2;
        assertEquals(List.of(), hear(SupervisorInput.Order.LOOK_FOR_OUTAGE));
        now += LIMIT_NANOS / 2;
        assertEquals(List.of("gone 3", "gone 2"), hear(SupervisorInput.Order.LOOK_FOR_OUTAGE));
    }

    @Test
    void aRingThatIsNeverRecordedIsGivenUpAndAnOpenOneIsNot() {
        serve();
        openWholly(1);
        open(2);
        introduced(2, 7);
        now += LIMIT_NANOS;
        assertEquals(List.of("give up 2", "detach 2"), hear(SupervisorInput.Order.LOOK_FOR_OUTAGE));
        assertEquals(List.of(), hear(SupervisorInput.Order.LOOK_FOR_OUTAGE));
    }

    /** Each backend records its epoch, serves, and dies of its first turn's record. */
    @Test
    void aJournalThatFailsTurnAfterTurnIsAnOutageAlthoughBackendsServe() {
        serve();
        openWholly(1);
        for (int incarnation = 1; incarnation <= 4; incarnation++) {
            now += LIMIT_NANOS / 3;
            statistics.recordingSinceNanos.set(now);
            hear(new SupervisorInput.Died(Target.BACKEND, incarnation));
            if (!core.isUp(Target.BACKEND)) {
                hear(new SupervisorInput.StartNext(Target.BACKEND));
            }
            notice(new BackendNotice.RingsWanted(incarnation + 1, 7 + incarnation));
            notice(new BackendNotice.Serving(7 + incarnation));
        }
        assertEquals(List.of(), hear(SupervisorInput.Order.LOOK_FOR_OUTAGE), "it serves");
        statistics.recordingSinceNanos.set(now);
        hear(new SupervisorInput.Died(Target.BACKEND, 5));
        assertTrue(hear(SupervisorInput.Order.LOOK_FOR_OUTAGE).contains("give up 1"));
    }

    @Test
    void killsOfABackendThatWorksAreNoOutage() {
        serve();
        openWholly(1);
        for (int incarnation = 1; incarnation <= 4; incarnation++) {
            now += LIMIT_NANOS / 3;
            statistics.turns.addAndGet(incarnation % 2);
            statistics.recordingSinceNanos.set(incarnation % 2 == 0 ? 0 : now);
            hear(new SupervisorInput.Died(Target.BACKEND, incarnation));
            assertEquals(List.of(), hear(SupervisorInput.Order.LOOK_FOR_OUTAGE));
            if (!core.isUp(Target.BACKEND)) {
                hear(new SupervisorInput.StartNext(Target.BACKEND));
            }
            notice(new BackendNotice.RingsWanted(incarnation + 1, 7 + incarnation));
            notice(new BackendNotice.Serving(7 + incarnation));
        }
    }

    @Test
    void aStopEndsWishesAtOnceAndTheSupervisorWithItsLastRing() {
        serve();
        openWholly(1);
        openWholly(2);
        close(2);
        open(3);
        assertEquals(List.of("detach 1", "gone 3"), hear(SupervisorInput.Order.STOP));
        assertEquals(List.of("gone 4"), open(4));
        assertEquals(List.of(), hear(SupervisorInput.Order.STOP));
        notice(new BackendNotice.RingDetached(1, "drained"));
        notice(new BackendNotice.RingDetached(2, "drained"));
        hear(new SupervisorInput.FrontendEnded(2));
        assertEquals(List.of("gone 1", "stopped"), hear(new SupervisorInput.FrontendEnded(1)));
        assertEquals(List.of(), hear(new SupervisorInput.Died(Target.HOST, 1)));
    }

    /** The first backend dies, and so many more before they have asked for the rings; one more comes up. */
    private void recoverInVain(int times) {
        for (int incarnation = 1; incarnation <= times + 1; incarnation++) {
            hear(new SupervisorInput.Died(Target.BACKEND, incarnation));
            if (!core.isUp(Target.BACKEND)) {
                hear(new SupervisorInput.StartNext(Target.BACKEND));
            }
        }
    }

    @Test
    void aStopDoesNotWaitForAJournalThatCannotBeOpened() {
        serve();
        openWholly(1);
        assertEquals(List.of("detach 1"), hear(SupervisorInput.Order.STOP));
        recoverInVain(7);
        assertTrue(hear(new SupervisorInput.Died(Target.BACKEND, 9)).contains("stopped"));
        assertEquals(List.of(), hear(new SupervisorInput.Died(Target.HOST, 1)));
    }

    @Test
    void aStopWaitsForAJournalThatComesBack() {
        serve();
        openWholly(1);
        recoverInVain(20);
        notice(new BackendNotice.RingsWanted(22, 8));
        assertFalse(hear(SupervisorInput.Order.STOP).contains("stopped"));
    }

    @Test
    void aStopWhileTheJournalIsLostIsDoneAtOnce() {
        serve();
        openWholly(1);
        recoverInVain(8);
        assertTrue(hear(SupervisorInput.Order.STOP).contains("stopped"));
    }

    @Test
    void aStopDoesNotWaitForAJournalThatTakesNoWrites() {
        serve();
        openWholly(1);
        effects.journalTakesWrites = false;
        hear(new SupervisorInput.Died(Target.BACKEND, 1));
        assertFalse(hear(SupervisorInput.Order.STOP).contains("stopped"));
        for (int look = 2; look < SupervisorCore.FUTILE_ATTEMPTS; look++) {
            assertFalse(hear(new SupervisorInput.StartNext(Target.BACKEND)).contains("stopped"));
        }
        assertTrue(hear(new SupervisorInput.StartNext(Target.BACKEND)).contains("stopped"));
    }

    @Test
    void aFrontendThatDiesHasItsRingDrained() {
        serve();
        openWholly(1);
        assertEquals(List.of("detach 1"), hear(new SupervisorInput.FrontendEnded(1)));
        assertEquals(List.of("gone 1"), notice(new BackendNotice.RingDetached(1, "drained")));
        open(2);
        assertEquals(List.of("gone 2"), hear(new SupervisorInput.FrontendEnded(2)));
    }
}
