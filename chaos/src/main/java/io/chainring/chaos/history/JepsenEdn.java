package io.chainring.chaos.history;

import io.chainring.chaos.history.HistoryEvent.Call;
import io.chainring.chaos.history.HistoryEvent.Done;
import io.chainring.chaos.history.HistoryEvent.Unknown;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A history for checkers of others: Jepsen's operations on registers, one register a cell, with independent keys ({@code [key
 * value]}, key = disk and cell).
 *
 * <pre>
 * {:index 0, :type :invoke, :process 1, :f :write, :value [[0 8] 1], :time 10}
 * {:index 1, :type :ok, :process 1, :f :write, :value [[0 8] 1], :time 31}
 * </pre>
 *
 * Each operation is a process of its own, since a client has several under way. A flush changes no register and is left out.
 * What a TRIM leaves is not certain, so it is a write of 0 whose outcome is unknown ({@code :info}). A loss of power has no
 * place there.
 *
 * <p>Source: jepsen.history and jepsen.independent, Jepsen 0.3.
 */
public final class JepsenEdn {
    private final Appendable out;
    private final Map<Long, Call> open = new HashMap<>();
    private long index;

    private JepsenEdn(Appendable out) {
        this.out = out;
    }

    /**
     * Writes a history.
     *
     * @throws IllegalArgumentException when it has a loss of power
     */
    public static void write(Iterable<HistoryEvent> history, Appendable out) throws IOException {
        JepsenEdn edn = new JepsenEdn(out);
        for (HistoryEvent event : history) {
            edn.write(event);
        }
    }

    private void write(HistoryEvent event) throws IOException {
        if (event instanceof Call call) {
            open.put(call.operation(), call);
            lines("invoke", call, event.atNanos(), null);
        } else if (event instanceof Done done) {
            Call call = open.remove(done.operation());
            if (call != null) {
                String type = call.action() == Action.TRIM ? "info" : "ok";
                lines(type, call, event.atNanos(), done.values());
            }
        } else if (event instanceof Unknown unknown) {
            Call call = open.remove(unknown.operation());
            if (call != null) {
                lines("info", call, event.atNanos(), null);
            }
        } else {
            throw new IllegalArgumentException("a loss of power cannot be told in EDN");
        }
    }

    private void lines(String type, Call call, long atNanos, long @Nullable [] found)
            throws IOException {
        boolean reads = call.action() == Action.READ;
        for (int i = 0; i < call.cells(); i++) {
            Object value = call.value();
            if (reads) {
                value = found == null ? "nil" : found[i];
            }
            out.append(
                    "{:index %d, :type :%s, :process %d, :f :%s, :value [[%d %d] %s], :time %d}\n"
                            .formatted(
                                    index++,
                                    type,
                                    call.operation(),
                                    reads ? "read" : "write",
                                    call.disk(),
                                    call.firstCell() + i,
                                    value,
                                    atNanos));
        }
    }
}
