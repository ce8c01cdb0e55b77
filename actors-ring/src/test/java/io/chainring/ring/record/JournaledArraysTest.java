package io.chainring.ring.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The table of legal transitions, and that everything else throws. */
final class JournaledArraysTest {
    private final JournaledArrays arrays = new JournaledArrays(77, 4);

    private void mark(int head, int generation, long sequence) {
        arrays.mark(head, generation, sequence, Operation.WRITE, 0, 4096, 512);
    }

    private void illegal(Runnable step) {
        assertThrows(IllegalTransitionException.class, step::run);
    }

    @Test
    void aHeadIsMarkedClearedAndMarkedAgain() {
        assertFalse(arrays.isMarked(1));
        mark(1, 1, 10);
        assertTrue(arrays.isMarked(1));
        assertEquals(10, arrays.beginSequence(1));
        assertEquals(1, arrays.marked());
        arrays.complete(1, 1, ChainStatus.OK, 512);
        assertEquals(StateArray.INITIAL, arrays.beginSequence(1));
        assertTrue(arrays.isCompleted(1));
        assertEquals(512, arrays.writtenBytes(1));
        mark(1, 2, 11);
        assertFalse(arrays.isCompleted(1), "the completion of an earlier generation is gone");
        assertEquals(2, arrays.generation(1));
    }

    @Test
    void whatTheTableDoesNotHaveThrows() {
        illegal(() -> mark(4, 1, 1));
        illegal(() -> mark(-1, 1, 1));
        illegal(() -> mark(0, 2, 1));
        illegal(() -> mark(0, 0, 1));
        illegal(() -> mark(0, 1, StateArray.INITIAL));
        illegal(() -> arrays.complete(0, 1, ChainStatus.OK, 0));
        illegal(() -> arrays.complete(0, 2, ChainStatus.IOERR, 0));
        illegal(() -> arrays.operation(0));
        mark(0, 1, 1);
        illegal(() -> mark(0, 1, 2));
        illegal(() -> mark(0, 2, 2));
        illegal(() -> arrays.complete(0, 2, ChainStatus.OK, 0));
        arrays.complete(0, 1, ChainStatus.OK, 0);
        illegal(() -> arrays.complete(0, 1, ChainStatus.OK, 0));
        illegal(() -> mark(0, 1, 3));
    }

    @Test
    void aRefusedChainCompletesWithoutAMark() {
        arrays.complete(2, 1, ChainStatus.IOERR, 0);
        assertTrue(arrays.isCompleted(2));
        mark(2, 2, 5);
    }

    @Test
    void generationsWrapAround() {
        arrays.restore(3, -1, true, ChainStatus.OK, 0);
        mark(3, 0, 9);
        assertEquals(0, arrays.generation(3));
    }

    @Test
    void attemptsBelongToOneGeneration() {
        arrays.countAttempt(1, 4);
        arrays.countAttempt(1, 4);
        assertEquals(2, arrays.attempts(1, 4));
        assertEquals(0, arrays.attempts(1, 5));
        arrays.countAttempt(1, 5);
        assertEquals(1, arrays.attempts(1, 5));
    }

    @Test
    void aStateRefusesRecordsThatDoNotFollow() {
        BackendState state = new BackendState();
        illegal(() -> state.apply(TurnEvent.epoch(2, List.of(), 1)));
        BackendState begun = new BackendState().apply(TurnEvent.epoch(1, List.of(), 1));
        illegal(() -> begun.apply(TurnEvent.epoch(1, List.of(), 1)));
        illegal(() -> begun.apply(attach(0, 5, 3, 9)));
        illegal(() -> begun.apply(attach(-1, 5, 4, 1)));
        illegal(() -> begun.apply(attach(0, 5, 0, 1)));
        BackendState attached = new BackendState().apply(TurnEvent.epoch(1, List.of(), 1));
        attached.apply(attach(0, 5, 4, 1));
        illegal(() -> attached.apply(attach(0, 6, 4, 1)));
        illegal(() -> attached.apply(detach(0, 6, 0)));
        illegal(() -> attached.apply(detach(0, 5, 1)));
        illegal(() -> attached.apply(detach(1, 5, 0)));
        attached.apply(detach(0, 5, 0));
        assertEquals(0, attached.marked());
    }

    private static TurnEvent attach(int slot, long ringId, int size, long sequence) {
        return new TurnEvent(
                1,
                false,
                List.of(),
                List.of(),
                List.of(),
                List.of(new TurnEvent.Attached(slot, ringId, size)),
                sequence,
                List.of());
    }

    private static TurnEvent detach(int slot, long ringId, int abandoned) {
        return new TurnEvent(
                1,
                false,
                List.of(),
                List.of(),
                List.of(new TurnEvent.Detached(slot, ringId, abandoned)),
                List.of(),
                1,
                List.of());
    }
}
