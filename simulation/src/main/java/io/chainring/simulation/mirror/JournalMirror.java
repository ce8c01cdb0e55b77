package io.chainring.simulation.mirror;

import io.chainring.ring.record.TurnEvent;
import io.chainring.simulation.history.Violation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the acknowledged records say, kept in the plainest way and apart from the code under test. It is what executions
 * and completions are held against, and holds invariant I4 against each record itself.
 */
public final class JournalMirror {
    /** A chain that is begun and not completed. */
    public record Live(ChainId id, long sequence, long epoch, TurnEvent.Begun begun) {}

    private final Map<Integer, Long> slots = new HashMap<>();
    private final Map<ChainId, Live> live = new LinkedHashMap<>();
    private final Map<ChainId, TurnEvent.Completed> completed = new HashMap<>();
    private final Map<Long, Map<Integer, List<TurnEvent.Completed>>> byHead = new HashMap<>();
    private final Set<ChainId> outlived = new HashSet<>();
    private long epoch;
    private long sequence = 1;

    /** The next acknowledged record. */
    public void apply(TurnEvent event) {
        if (event.beginsEpoch()) {
            Violation.check(event.epoch() == epoch + 1, "K8", () -> "epoch " + event.epoch());
            Violation.check(
                    event.begun().isEmpty() && event.completed().isEmpty(),
                    "I3",
                    () -> "an epoch begins with " + event);
        }
        Violation.check(
                event.beginsEpoch() || event.epoch() == epoch,
                "I3",
                () -> "a record of epoch " + event.epoch() + " in epoch " + epoch);
        epoch = event.epoch();
        event.completed().forEach(this::complete);
        for (TurnEvent.Detached gone : event.detached()) {
            long ringId = slots.remove(gone.slot());
            live.keySet().removeIf(id -> id.ringId() == ringId);
        }
        event.attached().forEach(came -> slots.put(came.slot(), came.ringId()));
        event.begun().forEach(this::begin);
    }

    private void complete(TurnEvent.Completed done) {
        ChainId id = new ChainId(ringIn(done.slot()), done.head(), done.generation());
        Live begun = live.remove(id);
        if (begun != null && begun.epoch != epoch) {
            outlived.add(id);
        }
        Violation.check(completed.put(id, done) == null, "I5", () -> id + " is completed twice");
        byHead.computeIfAbsent(id.ringId(), ring -> new HashMap<>())
                .computeIfAbsent(id.head(), head -> new ArrayList<>())
                .add(done);
    }

    private void begin(TurnEvent.Begun begun) {
        ChainId id = new ChainId(ringIn(begun.slot()), begun.head(), begun.generation());
        for (Live other : live.values()) {
            Violation.check(
                    !conflict(begun, other.begun),
                    "I4",
                    () -> id + " " + begun + " begins before the completion of " + other);
        }
        live.put(id, new Live(id, sequence++, epoch, begun));
    }

    private static boolean conflict(TurnEvent.Begun a, TurnEvent.Begun b) {
        return a.operation().claimsRange()
                && b.operation().claimsRange()
                && (a.operation().writes() || b.operation().writes())
                && a.offsetBytes() < b.offsetBytes() + b.lengthBytes()
                && b.offsetBytes() < a.offsetBytes() + a.lengthBytes();
    }

    public long epoch() {
        return epoch;
    }

    /** What is begun and not completed, in begin order. */
    public Map<ChainId, Live> live() {
        return live;
    }

    public @Nullable Live live(ChainId id) {
        return live.get(id);
    }

    public TurnEvent.@Nullable Completed completed(ChainId id) {
        return completed.get(id);
    }

    /** How often a head of a ring was completed. */
    public int completions(long ringId, int head) {
        return byHead.getOrDefault(ringId, Map.of()).getOrDefault(head, List.of()).size();
    }

    public int rings() {
        return slots.size();
    }

    public boolean knowsRing(long ringId) {
        return slots.containsValue(ringId);
    }

    /** True when the chain was begun in an earlier epoch than it was completed in. */
    public boolean outlivedEpoch(ChainId id) {
        return outlived.contains(id);
    }

    public boolean holds(int slot) {
        return slots.containsKey(slot);
    }

    public long ringIn(int slot) {
        return Objects.requireNonNull(slots.get(slot), "slot");
    }
}
