package io.chainring.node.chaos;

import io.chainring.base.settings.Settings;
import io.chainring.chaos.plan.Fault;
import io.chainring.chaos.plan.FaultChoice;
import io.chainring.chaos.plan.FaultDriver;
import io.chainring.chaos.process.ProcessFaults;
import io.chainring.node.StartException;
import io.chainring.node.control.ControlClient;
import io.chainring.node.disk.DiskStatus;
import io.chainring.ring.signal.KillMode;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Kills a node's backend, host and process, and tells in plain words what came of it. */
final class Narrator implements FaultDriver {
    static final FaultChoice BACKEND = choice("backend-kill");
    static final FaultChoice HOST = choice("host-kill");
    private static final int LOOKS_MOST = 500;
    private static final long LOOK_MILLIS = 10;

    private final OwnNode node;
    private final Consumer<String> teller;
    private final FaultDoor door;
    private final ProcessFaults process;
    private final ControlClient client;
    private int kills;

    Narrator(OwnNode node, Consumer<String> teller) {
        this.node = node;
        this.teller = teller;
        door = new FaultDoor(node.data(), node.disks(), false);
        process = new ProcessFaults(node.process());
        client = new ControlClient(node.data());
    }

    private static FaultChoice choice(String name) {
        return new FaultChoice(name, Settings.labels(KillMode.class), List.of(), 0, 0);
    }

    @Override
    public Outcome carryOut(Fault fault) throws IOException, InterruptedException {
        if (fault.name().equals(ProcessFaults.KILL.name())) {
            return killProcess(fault);
        }
        boolean backend = fault.name().equals(BACKEND.name());
        DiskStatus before = status();
        Outcome outcome = door.carryOut(fault);
        if (outcome.injected() && before != null) {
            DiskStatus after = awaitSuccessor(before, backend);
            if (after != null) {
                tell(
                        backend
                                ? aboutBackend(fault, before, after)
                                : "the part that does the I/O was killed (%s). Its successor waited for what was still being written, and served."
                                        .formatted(fault.how()));
            }
        }
        return outcome;
    }

    private static String aboutBackend(Fault fault, DiskStatus before, DiskStatus after) {
        long resumed = after.resumed() - before.resumed();
        return String.format(
                Locale.ROOT,
                "the disk's server was killed (%s). Its successor found %s in the journal and served after %.0f ms.",
                fault.how(),
                resumed == 1 ? "1 unfinished request" : resumed + " unfinished requests",
                after.lastRecoveryMillis());
    }

    private Outcome killProcess(Fault fault) throws IOException, InterruptedException {
        long began = System.nanoTime();
        Outcome outcome = process.carryOut(fault);
        tell(
                String.format(
                        Locale.ROOT,
                        "the whole process was killed (kill -9) and started again: %.1f s. The clients connected again.",
                        (System.nanoTime() - began) / 1e9));
        return outcome;
    }

    private void tell(String what) {
        teller.accept(String.format(Locale.ROOT, "   kill %2d: %s", ++kills, what));
    }

    private @Nullable DiskStatus awaitSuccessor(DiskStatus before, boolean backend)
            throws InterruptedException {
        for (int i = 0; i < LOOKS_MOST; i++) {
            DiskStatus now = status();
            if (now != null
                    && now.state().equals("serving")
                    && (backend
                            ? now.recoveries() > before.recoveries()
                            : now.hostRestarts() > before.hostRestarts())) {
                return now;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
        return null;
    }

    private @Nullable DiskStatus status() {
        try {
            List<DiskStatus> disks = client.status().disks();
            return disks.isEmpty() ? null : disks.get(0);
        } catch (StartException e) {
            teller.accept("   (" + e.getMessage() + ")");
            return null;
        }
    }
}
