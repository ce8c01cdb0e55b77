package io.chainring.chaos.process;

import io.chainring.chaos.plan.Fault;
import io.chainring.chaos.plan.FaultChoice;
import io.chainring.chaos.plan.FaultDriver;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Stops a child for a while, or kills it and starts it again. */
public final class ProcessFaults implements FaultDriver {
    /** SIGSTOP, and SIGCONT after a while. */
    public static final FaultChoice STOP =
            new FaultChoice("process-stop", List.of(), List.of(), 20, 1000, 10);

    /** SIGKILL, and a new start. */
    public static final FaultChoice KILL =
            new FaultChoice("process-kill", List.of(), List.of(), 0, 200, 40);

    private final ChildProcess child;

    public ProcessFaults(ChildProcess child) {
        this.child = child;
    }

    @Override
    public Outcome carryOut(Fault fault) throws IOException, InterruptedException {
        if (fault.name().equals(STOP.name())) {
            child.signal("STOP");
            try {
                TimeUnit.MILLISECONDS.sleep(fault.millis());
            } finally {
                child.signal("CONT");
            }
            return new Outcome(true, "stopped for " + fault.millis() + " ms");
        }
        long pid = child.pid();
        child.kill();
        TimeUnit.MILLISECONDS.sleep(fault.millis());
        child.start();
        return new Outcome(true, "process " + pid + " killed, " + child.pid() + " started");
    }
}
