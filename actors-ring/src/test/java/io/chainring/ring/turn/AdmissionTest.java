package io.chainring.ring.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.request.Operation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Invariant I4 at its source: who may begin beside whom, in which order. */
final class AdmissionTest {
    private static final int NO_LIMIT = Integer.MAX_VALUE;

    private final Admission admission = new Admission();
    private int nextHead;

    private Chain chain(Operation operation, long offset, long length) {
        return new Chain(1, nextHead++, 1, operation, offset, length, 0, new ByteBuffer[0]);
    }

    private List<Chain> admit(int limit) {
        List<Chain> begun = new ArrayList<>();
        admission.admit(limit, NO_LIMIT, begun::add);
        return begun;
    }

    @Test
    void overlappingReadsGoTogetherAndWritesWait() {
        Chain first = chain(Operation.READ, 0, 1024);
        Chain second = chain(Operation.READ, 512, 1024);
        Chain write = chain(Operation.WRITE, 1024, 512);
        admission.add(first);
        admission.add(second);
        admission.add(write);
        assertEquals(List.of(first, second), admit(NO_LIMIT));
        admission.release(second);
        assertEquals(List.of(write), admit(NO_LIMIT));
    }

    /** Stores change no byte beside a range (BlockStore), so bytes of one sector are as far apart as any. */
    @Test
    void aByteInCommonIsInTheWayAndASectorIsNot() {
        Chain live = chain(Operation.WRITE, 100, 100);
        Chain before = chain(Operation.WRITE, 0, 100);
        Chain behind = chain(Operation.WRITE_ZEROES, 200, 312);
        Chain lastByte = chain(Operation.READ, 199, 1);
        Chain firstByte = chain(Operation.DISCARD, 3, 98);
        List.of(live, before, behind, lastByte, firstByte).forEach(admission::add);
        assertEquals(List.of(live, before, behind), admit(NO_LIMIT));
        admission.release(live);
        assertEquals(List.of(lastByte), admit(NO_LIMIT));
        admission.release(before);
        assertEquals(List.of(firstByte), admit(NO_LIMIT));
    }

    @Test
    void whoWaitsLongerIsNotOvertakenByWhoOverlapsHim() {
        Chain live = chain(Operation.READ, 0, 512);
        Chain write = chain(Operation.WRITE, 0, 1024);
        Chain read = chain(Operation.READ, 512, 512);
        Chain apart = chain(Operation.WRITE, 4096, 512);
        admission.add(live);
        assertEquals(List.of(live), admit(NO_LIMIT));
        admission.add(write);
        admission.add(read);
        admission.add(apart);
        assertEquals(
                List.of(apart),
                admit(NO_LIMIT),
                "the read overlaps nothing live, but a write that waits");
        admission.release(live);
        assertEquals(List.of(write), admit(NO_LIMIT));
    }

    @Test
    void flushAndExtentsClaimNoRange() {
        admission.add(chain(Operation.WRITE, 0, 1 << 20));
        assertEquals(1, admit(NO_LIMIT).size());
        admission.add(chain(Operation.FLUSH, 0, 0));
        admission.add(chain(Operation.EXTENTS, 0, 1 << 20));
        admission.add(chain(Operation.GET_ID, 0, 0));
        assertEquals(3, admit(NO_LIMIT).size());
    }

    @Test
    void aLimitLeavesTheRestForTheNextTurn() {
        for (int i = 0; i < 5; i++) {
            admission.add(chain(Operation.WRITE, 512L * i, 512));
        }
        assertEquals(2, admit(2).size());
        assertTrue(admission.hasNews());
        assertEquals(3, admit(NO_LIMIT).size());
        assertFalse(admission.hasNews());
    }

    @Test
    void droppingTakesOnlyWhatWaitsOfThatRing() {
        admission.add(chain(Operation.WRITE, 0, 512));
        admit(NO_LIMIT);
        admission.add(chain(Operation.WRITE, 0, 512));
        Chain other = new Chain(2, 0, 1, Operation.WRITE, 0, 512, 0, new ByteBuffer[0]);
        admission.add(other);
        assertEquals(1, admission.dropWaiting(1));
        assertEquals(1, admission.waitingChains());
        assertEquals(1, admission.liveChains());
    }
}
