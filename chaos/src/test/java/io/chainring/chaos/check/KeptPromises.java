package io.chainring.chaos.check;

import io.chainring.chaos.history.Action;
import io.chainring.chaos.history.HistoryEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Histories of a disk whose operations take effect at one moment between call and answer. */
final class KeptPromises {
    private final SplittableRandom random;
    private final int clients;
    private final int cellCount;

    KeptPromises(SplittableRandom random, int clients, int cellCount) {
        this.random = random;
        this.clients = clients;
        this.cellCount = cellCount;
    }

    List<HistoryEvent> history(int operations) {
        List<HistoryEvent> events = new ArrayList<>();
        long[] cells = new long[cellCount];
        long next = 1;
        HistoryEvent.Call[] calls = new HistoryEvent.Call[clients];
        long[][] found = new long[clients][];
        boolean[] effected = new boolean[clients];
        while (next <= operations) {
            int client = random.nextInt(clients);
            HistoryEvent.Call call = calls[client];
            if (call == null) {
                Action action = Action.values()[random.nextInt(Action.values().length)];
                int from = random.nextInt(cellCount);
                int length =
                        action == Action.FLUSH
                                ? 0
                                : 1 + random.nextInt(Math.min(8, cellCount - from));
                boolean writes = action == Action.WRITE || action == Action.WRITE_THROUGH;
                call =
                        new HistoryEvent.Call(
                                next,
                                client,
                                next,
                                0,
                                action,
                                action == Action.FLUSH ? 0 : from,
                                length,
                                writes ? next : 0);
                next++;
                events.add(call);
                calls[client] = call;
                effected[client] = false;
            } else if (!effected[client]) {
                effected[client] = true;
                found[client] = effect(cells, call);
            } else {
                boolean reads = call.action() == Action.READ;
                events.add(
                        call.action() == Action.WRITE && random.nextInt(2000) == 0
                                ? new HistoryEvent.Unknown(next, call.operation())
                                : new HistoryEvent.Done(
                                        next, call.operation(), reads ? found[client] : null));
                calls[client] = null;
            }
        }
        for (HistoryEvent.Call call : calls) {
            if (call != null) {
                events.add(new HistoryEvent.Unknown(next, call.operation()));
            }
        }
        return events;
    }

    private long[] effect(long[] cells, HistoryEvent.Call call) {
        long[] found = new long[call.cells()];
        for (int i = 0; i < call.cells(); i++) {
            int at = (int) call.firstCell() + i;
            found[i] = cells[at];
            if (call.action().changes() && (call.action() != Action.TRIM || random.nextBoolean())) {
                cells[at] = call.value();
            }
        }
        return found;
    }
}
