package io.chainring.base.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class OpenFaultsTest {
    private enum Fault {
        SLOW,
        BROKEN
    }

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final OpenFaults<Fault> faults = new OpenFaults<>(Fault.class, nanos::get);

    private void passes(long millis) {
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
    }

    @Test
    void hitsSoManyOperations() {
        assertFalse(faults.meets(Fault.BROKEN));
        faults.open(Fault.BROKEN, 2, 1000);
        assertFalse(faults.meets(Fault.SLOW));
        assertTrue(faults.meets(Fault.BROKEN));
        assertTrue(faults.isOpen(Fault.BROKEN));
        assertTrue(faults.meets(Fault.BROKEN));
        assertFalse(faults.isOpen(Fault.BROKEN));
        assertFalse(faults.meets(Fault.BROKEN));
        assertEquals(2, faults.met(Fault.BROKEN));
    }

    @Test
    void endsWhenItsTimeIsOver() {
        faults.open(Fault.SLOW, OpenFaults.UNCOUNTED, 10);
        passes(9);
        assertTrue(faults.meets(Fault.SLOW));
        assertTrue(faults.meets(Fault.SLOW));
        passes(1);
        assertFalse(faults.meets(Fault.SLOW));
        assertFalse(faults.isOpen(Fault.SLOW));
    }

    @Test
    void allCanBeEndedAtOnce() {
        faults.open(Fault.SLOW, OpenFaults.UNCOUNTED, 10);
        faults.open(Fault.BROKEN, 1, 10);
        faults.closeAll();
        assertFalse(faults.meets(Fault.SLOW));
        assertFalse(faults.meets(Fault.BROKEN));
        assertEquals(0, faults.met(Fault.BROKEN));
    }

    @Test
    void nothingIsOpenedForNothing() {
        assertThrows(IllegalArgumentException.class, () -> faults.open(Fault.SLOW, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> faults.open(Fault.SLOW, 1, 0));
    }
}
