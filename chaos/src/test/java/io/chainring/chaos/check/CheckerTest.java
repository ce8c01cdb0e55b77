package io.chainring.chaos.check;

import static io.chainring.chaos.check.Violation.Kind.DUPLICATE_COMPLETION;
import static io.chainring.chaos.check.Violation.Kind.FOREIGN_VALUE;
import static io.chainring.chaos.check.Violation.Kind.HANG;
import static io.chainring.chaos.check.Violation.Kind.LOST_WRITE;
import static io.chainring.chaos.check.Violation.Kind.NOT_DURABLE;
import static io.chainring.chaos.check.Violation.Kind.RESURRECTED_WRITE;
import static io.chainring.chaos.check.Violation.Kind.STALE_READ;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.chaos.history.Action;
import io.chainring.chaos.history.HistoryEvent;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Histories whose verdicts are known. */
final class CheckerTest {
    private static Told told() {
        return new Told();
    }

    private static void good(Told history) {
        assertEquals(List.of(), history.verdict().violations());
        assertTrue(history.verdict().isGood());
    }

    private static void bad(Violation.Kind kind, Told history) {
        assertEquals(List.of(kind), history.kinds());
    }

    /** Cell 0 holds 7, and somebody has seen it; then 8 is written and answered. */
    private static Told sevenThenEight() {
        return told().writes(1, 0, 7).done(1).reads(2, 0).found(2, 7).writes(3, 0, 8).done(3);
    }

    @Test
    void whatWasWrittenIsRead() {
        good(sevenThenEight().reads(4, 0).found(4, 8).reads(5, 1).found(5, 0));
    }

    @Test
    void anAnsweredWriteThatIsNotThereIsLost() {
        bad(LOST_WRITE, sevenThenEight().reads(4, 0).found(4, 7));
        bad(LOST_WRITE, told().writes(1, 0, 7).done(1).reads(2, 0).found(2, 0));
    }

    @Test
    void aReadThatGoesBackIsStale() {
        bad(STALE_READ, sevenThenEight().reads(4, 0).found(4, 8).reads(5, 0).found(5, 7));
    }

    @Test
    void anOpenWriteMayBeSeenOrNotButNotTakenBack() {
        Told open = told().writes(1, 0, 7).done(1).writes(2, 0, 8);
        good(open.reads(3, 0).found(3, 7).reads(4, 0).found(4, 8).done(2));
        Told back = told().writes(1, 0, 7).done(1).writes(2, 0, 8);
        bad(STALE_READ, back.reads(3, 0).found(3, 8).reads(4, 0).found(4, 7).done(2));
    }

    @Test
    void writesAtOnceHaveSomeOrder() {
        Told both = told().writes(1, 0, 7).writes(2, 0, 8).done(1).done(2);
        good(both.reads(3, 0).found(3, 7).reads(4, 0).found(4, 7));
        Told swapped = told().writes(1, 0, 7).writes(2, 0, 8).done(1).done(2);
        bad(
                STALE_READ,
                swapped.reads(3, 0).found(3, 7).reads(4, 0).found(4, 8).reads(5, 0).found(5, 8));
    }

    @Test
    void aWriteOfUnknownOutcomeTakesEffectOnceOrNever() {
        Told never = told().writes(1, 0, 7).done(1).writes(2, 0, 8).unknown(2);
        good(never.reads(3, 0).found(3, 7));
        Told late = told().writes(1, 0, 7).done(1).writes(2, 0, 8).unknown(2);
        good(late.reads(3, 0).found(3, 7).reads(4, 0).found(4, 8).reads(5, 0).found(5, 8));
        Told twice = told().writes(2, 0, 8).unknown(2).reads(3, 0).found(3, 8);
        bad(RESURRECTED_WRITE, twice.writes(4, 0, 9).done(4).reads(5, 0).found(5, 8));
    }

    @Test
    void zeroesOfUnknownOutcomeMayCome() {
        Told history = told().writes(1, 0, 7).done(1);
        history.call(2, Action.ZERO, 0, 1, 0).unknown(2).reads(3, 0).found(3, 7);
        good(history.reads(4, 0).found(4, 0));
    }

    @Test
    void trimmedCellsHoldWhatTheyHeldOrZeroes() {
        for (long after : new long[] {7, 0}) {
            Told history = told().writes(1, 0, 7).done(1);
            good(history.call(2, Action.TRIM, 0, 1, 0).done(2).reads(3, 0).found(3, after));
        }
        Told back = told().writes(1, 0, 7).done(1).call(2, Action.TRIM, 0, 1, 0).done(2);
        bad(STALE_READ, back.reads(3, 0).found(3, 0).reads(4, 0).found(4, 7));
        Told zeroed = told().writes(1, 0, 7).done(1).call(2, Action.ZERO, 0, 1, 0).done(2);
        bad(LOST_WRITE, zeroed.reads(3, 0).found(3, 7));
    }

    @Test
    void whatNobodyWroteIsForeign() {
        bad(FOREIGN_VALUE, told().reads(1, 0).found(1, HistoryEvent.GARBAGE));
        bad(FOREIGN_VALUE, told().reads(1, 0).found(1, 5).writes(2, 0, 5).done(2));
    }

    @Test
    void eachCellOfAnOperationIsLookedAt() {
        Told history = told().call(1, Action.WRITE, 0, 3, 7).done(1).writes(2, 1, 8).done(2);
        good(history.call(3, Action.READ, 0, 4, 0).found(3, 7, 8, 7, 0));
        Told wrong = told().call(1, Action.WRITE, 0, 3, 7).done(1).writes(2, 1, 8).done(2);
        Verdict verdict = wrong.call(3, Action.READ, 0, 4, 0).found(3, 7, 8, 0, 0).verdict();
        assertEquals(2, verdict.violations().get(0).cell());
        assertEquals(
                List.of(
                        "1 WRITE called: 7",
                        "1 WRITE returned: 7",
                        "3 READ called: 0",
                        "3 READ returned: 0"),
                verdict.violations().get(0).story());
        assertEquals(3, verdict.operations());
        assertEquals(4, verdict.cells());
    }

    @Test
    void answersComeOnce() {
        bad(DUPLICATE_COMPLETION, told().writes(1, 0, 7).done(1).done(1));
        bad(DUPLICATE_COMPLETION, told().done(4));
        bad(HANG, told().writes(1, 0, 7).writes(2, 0, 8).done(2));
    }

    @Test
    void powerTakesWhatWasNotFlushed() {
        Told lost = told().writes(1, 0, 7).done(1).powerLoss();
        good(lost.reads(2, 0).found(2, 0).reads(3, 0).found(3, 0));
        Told kept = told().writes(1, 0, 7).done(1).powerLoss();
        good(kept.reads(2, 0).found(2, 7).reads(3, 0).found(3, 7));
        Told unsteady = told().writes(1, 0, 7).done(1).powerLoss().reads(2, 0).found(2, 0);
        bad(NOT_DURABLE, unsteady.reads(3, 0).found(3, 7));
    }

    @Test
    void whatWasFlushedStays() {
        Told flushed = told().writes(1, 0, 7).done(1).call(2, Action.FLUSH, 0, 0, 0).done(2);
        good(flushed.powerLoss().reads(3, 0).found(3, 7));
        Told gone = told().writes(1, 0, 7).done(1).call(2, Action.FLUSH, 0, 0, 0).done(2);
        bad(NOT_DURABLE, gone.powerLoss().reads(3, 0).found(3, 0));
        Told early = told().writes(1, 0, 7).call(2, Action.FLUSH, 0, 0, 0).done(1).done(2);
        good(early.powerLoss().reads(3, 0).found(3, 0));
        Told newer = told().writes(1, 0, 7).done(1).call(2, Action.FLUSH, 0, 0, 0).done(2);
        newer.writes(3, 0, 8).done(3).powerLoss();
        good(newer.reads(4, 0).found(4, 7));
        Told through = told().call(1, Action.WRITE_THROUGH, 0, 1, 7).done(1).powerLoss();
        bad(NOT_DURABLE, through.reads(2, 0).found(2, 0));
        Told after = told().call(1, Action.WRITE_THROUGH, 0, 1, 7).done(1).writes(2, 0, 8).done(2);
        good(after.powerLoss().reads(3, 0).found(3, 7));
    }

    @Test
    void thePresentIsCheckedOnAfterAMistake() {
        Told history = sevenThenEight().reads(4, 0).found(4, 7).writes(5, 0, 9).done(5);
        assertEquals(List.of(LOST_WRITE, LOST_WRITE), history.reads(6, 0).found(6, 8).kinds());
    }

    @Test
    void tooManyAtOnceAreRefused() {
        Told history = told();
        for (int i = 1; i <= Cell.OPEN_MOST + 1; i++) {
            history.writes(i, 0, i);
        }
        for (int i = 1; i <= Cell.OPEN_MOST + 1; i++) {
            history.done(i);
        }
        assertThrows(IllegalStateException.class, history::verdict);
    }

    /** Found by ChaosTest, seed 8716625060214: it took the zeroes for impossible before the write that had returned. */
    @Test
    void zeroesOfUnknownOutcomeMayComeBeforeAWriteThatReturnsFirst() {
        Told zeroed =
                told().writes(1, 0, 7).done(1).call(2, Action.ZERO, 0, 1, 0).unknown(2).reads(3, 0);
        zeroed.writes(4, 0, 8).writes(5, 0, 9).done(5).found(3, 0).done(4);
        good(zeroed.reads(6, 0).found(6, 9));
    }
}
