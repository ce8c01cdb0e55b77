package io.chainring.chaos.plan;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Has faults carried out when they are due; one that takes long delays all that follow. */
public final class Injector implements Runnable {
    private final Schedule schedule;
    private final Map<String, FaultDriver> drivers;
    private final FaultLog log;
    private final CountDownLatch stopped = new CountDownLatch(1);

    /**
     * @param drivers by the name of the fault; one for each that the schedule has
     */
    public Injector(Schedule schedule, Map<String, FaultDriver> drivers, FaultLog log) {
        this.schedule = schedule;
        this.drivers = Map.copyOf(drivers);
        this.log = log;
    }

    /** None begins any more. */
    public void stop() {
        stopped.countDown();
    }

    @Override
    public void run() {
        long began = System.nanoTime();
        try {
            while (true) {
                Schedule.Due due = schedule.next();
                long waitNanos = began + due.atMillis() * 1_000_000 - System.nanoTime();
                if (stopped.await(Math.max(0, waitNanos), TimeUnit.NANOSECONDS)) {
                    return;
                }
                // What one delayed does not come in a heap behind it.
                began += Math.max(0, -waitNanos);
                carryOut(due.fault());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void carryOut(Fault fault) throws InterruptedException {
        long from = System.nanoTime();
        FaultDriver.Outcome outcome = null;
        try {
            outcome = Objects.requireNonNull(drivers.get(fault.name())).carryOut(fault);
        } catch (IOException e) {
            log.refused(fault, String.valueOf(e.getMessage()));
        }
        log.add(fault, from, System.nanoTime(), outcome);
    }
}
