package io.chainring.ring.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.chainring.base.Seed;
import io.chainring.ring.execute.Chain;
import io.chainring.ring.request.Operation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** {@link Admission} begins what the plain rule begins, in its order, turn by turn (I4, K11). */
final class AdmissionOracleTest {
    /** Ranges consist of these, in bytes: sectors, single bytes, or what neither divides. */
    private static final int[] UNITS = {512, 1, 300};

    private static final int ROUNDS = 60;
    private static final int TURNS = 200;

    private final SplittableRandom random = Seed.random(AdmissionOracleTest.class);
    private int nextHead;
    private int unitBytes = UNITS[0];

    @Test
    void beginsWhatThePlainRuleBeginsInItsOrder() {
        for (int round = 0; round < ROUNDS; round++) {
            // From one hot block to hardly any overlap.
            long units = 1L << random.nextInt(1, 16);
            live(units, 1 << random.nextInt(0, 9));
        }
    }

    private void live(long units, int batch) {
        unitBytes = UNITS[random.nextInt(UNITS.length)];
        Admission admission = new Admission();
        ScanningAdmission rule = new ScanningAdmission();
        for (int turn = 0; turn < TURNS; turn++) {
            for (int i = random.nextInt(batch + 1); i > 0; i--) {
                Chain chain = chain(units);
                admission.add(chain);
                rule.add(chain);
            }
            if (random.nextInt(40) == 0) {
                long ring = random.nextInt(4);
                admission.dropWaiting(ring);
                rule.dropWaiting(ring);
            }
            for (int i = random.nextInt(batch + 1); i > 0 && !rule.live().isEmpty(); i--) {
                Chain ended = rule.live().get(random.nextInt(rule.live().size()));
                admission.release(ended);
                rule.release(ended);
            }
            int limit = random.nextInt(3) == 0 ? random.nextInt(1, 8) : Integer.MAX_VALUE;
            int liveLimit =
                    random.nextInt(3) == 0 ? random.nextInt(1, 2 * batch + 1) : Integer.MAX_VALUE;
            admitAndCompare(admission, rule, limit, liveLimit);
            if (!admission.hasNews()) {
                List<Chain> more = new ArrayList<>();
                admission.admit(Integer.MAX_VALUE, liveLimit, more::add);
                assertEquals(List.of(), more, "it said that nothing more may begin");
            }
        }
    }

    private static void admitAndCompare(
            Admission admission, ScanningAdmission rule, int limit, int liveLimit) {
        List<Chain> expected = new ArrayList<>();
        List<Chain> begun = new ArrayList<>();
        rule.admit(limit, liveLimit, expected::add);
        admission.admit(limit, liveLimit, begun::add);
        assertEquals(expected, begun);
        assertEquals(rule.live().size(), admission.liveChains());
        assertEquals(rule.waitingChains(), admission.waitingChains());
    }

    private Chain chain(long units) {
        Operation[] all = Operation.values();
        Operation operation = all[random.nextInt(all.length)];
        long length = 1 + random.nextLong(random.nextInt(8) == 0 ? units : Math.min(8, units));
        long offset = random.nextLong(units - length + 1);
        return new Chain(
                random.nextInt(4),
                nextHead++,
                1,
                operation,
                offset * unitBytes,
                length * unitBytes,
                0,
                new ByteBuffer[0]);
    }

    /** Who waits behind a chain that is dropped looks again, and who is dropped does not. */
    @Test
    void whatIsDroppedStandsInNobodysWay() {
        Admission admission = new Admission();
        Chain live = write(1, 0, 8);
        Chain dropped = write(2, 0, 16);
        Chain free = write(1, 8, 8);
        Chain droppedToo = write(2, 8, 8);
        List.of(live, dropped, free, droppedToo).forEach(admission::add);
        List<Chain> begun = new ArrayList<>();
        admission.admit(1, Integer.MAX_VALUE, begun::add);
        assertEquals(2, admission.dropWaiting(2));
        admission.admit(Integer.MAX_VALUE, Integer.MAX_VALUE, begun::add);
        assertEquals(List.of(live, free), begun);
        assertEquals(0, admission.waitingChains());
        begun.forEach(admission::release);
        assertFalse(admission.hasNews());
    }

    private Chain write(long ring, long unit, long units) {
        return new Chain(
                ring,
                nextHead++,
                1,
                Operation.WRITE,
                unit * unitBytes,
                units * unitBytes,
                0,
                new ByteBuffer[0]);
    }
}
