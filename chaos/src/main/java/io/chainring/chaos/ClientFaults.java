package io.chainring.chaos;

import io.chainring.chaos.plan.Fault;
import io.chainring.chaos.plan.FaultChoice;
import io.chainring.chaos.plan.FaultDriver;
import io.chainring.chaos.tested.ClientFault;
import io.chainring.chaos.work.Workload;
import java.util.List;
import java.util.Locale;

/** What the clients themselves do to their servers. */
final class ClientFaults implements FaultDriver {
    private final Workload workload;

    ClientFaults(Workload workload) {
        this.workload = workload;
    }

    /** All of them, by their names: {@code connection-cut}, {@code half-open}, {@code slow-reader}. */
    static List<FaultChoice> choices() {
        return java.util.Arrays.stream(ClientFault.values())
                .map(each -> new FaultChoice(name(each), List.of(), List.of(), 10, 500))
                .toList();
    }

    private static String name(ClientFault fault) {
        return fault.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public Outcome carryOut(Fault fault) {
        for (ClientFault each : ClientFault.values()) {
            if (name(each).equals(fault.name())) {
                int client = workload.misbehave(fault.disk(), fault.draw(), each, fault.millis());
                return new Outcome(client >= 0, "by client " + client);
            }
        }
        throw new IllegalArgumentException(fault.name());
    }
}
