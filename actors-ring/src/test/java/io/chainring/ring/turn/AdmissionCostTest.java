package io.chainring.ring.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.ring.execute.Chain;
import io.chainring.ring.request.Operation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an admission costs with many chains waiting, counted in steps of {@link BusyRanges}; no clock. */
final class AdmissionCostTest {
    private static final int CHAINS = 16_384;

    /** Steps for each bit of the number of chains: about 3 were measured. */
    private static final int STEPS_A_BIT = 5;

    private static final long BLOCK_BYTES = 4096;
    private static final SplittableRandom RANDOM = Seed.random(AdmissionCostTest.class);

    /** How 16,384 chains may lie to each other. */
    enum Crowd {
        /** Nothing overlaps: all are live at once. */
        APART(i -> write(i * BLOCK_BYTES, BLOCK_BYTES)),
        /** One block: one is live, all others wait for each other. */
        ONE_BLOCK(i -> write(0, BLOCK_BYTES)),
        /** A database's hot pages. */
        HOT_PAGES(i -> write(RANDOM.nextInt(64) * BLOCK_BYTES, BLOCK_BYTES)),
        /** Reads and writes anywhere in 256 MiB. */
        SCATTERED(
                i ->
                        chain(
                                RANDOM.nextBoolean() ? Operation.READ : Operation.WRITE,
                                RANDOM.nextInt(1 << 16) * BLOCK_BYTES,
                                BLOCK_BYTES)),
        /** One long write, and all others within it. */
        BEHIND_A_LONG_ONE(
                i -> i == 0 ? write(0, CHAINS * BLOCK_BYTES) : write(i * BLOCK_BYTES, BLOCK_BYTES)),
        /** Each overlaps the one before and the one after. */
        A_STAIRCASE(i -> write(i * BLOCK_BYTES, 2 * BLOCK_BYTES)),
        /** Single bytes, side by side. */
        BYTES(i -> write(i, 1));

        final IntFunction<Chain> make;

        Crowd(IntFunction<Chain> make) {
            this.make = make;
        }
    }

    private static Chain write(long offset, long length) {
        return chain(Operation.WRITE, offset, length);
    }

    private static Chain chain(Operation operation, long offset, long length) {
        return new Chain(1, 0, 1, operation, offset, length, 0, new ByteBuffer[0]);
    }

    /** From the first chain to the last that ends, all that it cost is a few paths for each. */
    @ParameterizedTest
    @EnumSource
    void growsWithTheLogarithmOfWhatWaits(Crowd crowd) {
        Admission admission = new Admission();
        for (int i = 0; i < CHAINS; i++) {
            admission.add(crowd.make.apply(i));
        }
        assertEquals(CHAINS, admission.waitingChains());
        assertFew(admission.visits(), CHAINS, "to take them");
        List<Chain> live = new ArrayList<>();
        admission.admit(256, 1024, live::add);
        int begun = live.size();
        long before = admission.visits();
        int ended = 0;
        while (!live.isEmpty()) {
            List<Chain> batch = List.copyOf(live.subList(0, Math.min(256, live.size())));
            live.removeAll(batch);
            batch.forEach(admission::release);
            ended += batch.size();
            admission.admit(256, 1024, live::add);
        }
        assertTrue(begun > 0);
        assertEquals(CHAINS, ended);
        assertEquals(0, admission.waitingChains());
        assertFew(admission.visits() - before, CHAINS, "to begin and end them");
    }

    /**
     * The worst that a client can do: all that waits watches what ends, again and again. A turn looks at each once, so
     * it costs n log n.
     */
    @Test
    void aTurnLooksAtEachChainOnce() {
        Admission admission = new Admission();
        int half = CHAINS / 2;
        for (int i = 0; i < half; i++) {
            admission.add(write(i * BLOCK_BYTES, BLOCK_BYTES));
        }
        for (int i = 0; i < half; i++) {
            admission.add(chain(Operation.READ, 0, half * BLOCK_BYTES));
        }
        // Of what they overlap, this one is the youngest, and not in their way.
        admission.add(write(0, half * BLOCK_BYTES));
        List<Chain> live = new ArrayList<>();
        admission.admit(Integer.MAX_VALUE, Integer.MAX_VALUE, live::add);
        assertEquals(half, live.size());
        admission.release(live.remove(half - 1));
        for (int turn = 0; turn < 100; turn++) {
            admission.admit(256, Integer.MAX_VALUE, live::add);
            long before = admission.visits();
            for (int i = 0; i < 10; i++) {
                admission.release(live.remove(0));
            }
            admission.admit(256, Integer.MAX_VALUE, live::add);
            assertTrue(admission.visits() - before > half, "they look again");
            assertFew(admission.visits() - before, half, "in one turn");
        }
        live.forEach(admission::release);
        live.clear();
        admission.admit(Integer.MAX_VALUE, Integer.MAX_VALUE, live::add);
        assertEquals(half, live.size());
    }

    private static void assertFew(long visits, int chains, String what) {
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(CHAINS);
        assertTrue(
                visits <= (long) chains * bits * STEPS_A_BIT,
                () -> "%s steps %s, for %s chains".formatted(visits, what, chains));
    }
}
