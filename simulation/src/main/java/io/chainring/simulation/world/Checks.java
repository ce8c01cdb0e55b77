package io.chainring.simulation.world;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.record.TurnEvent;
import io.chainring.ring.request.Operation;
import io.chainring.ring.turn.BackendCore;
import io.chainring.ring.turn.BackendLimits;
import io.chainring.ring.turn.CrashPolicy;
import io.chainring.simulation.history.DiskOp;
import io.chainring.simulation.history.Violation;
import io.chainring.simulation.mirror.ChainId;
import io.chainring.simulation.mirror.JournalMirror;
import io.chainring.simulation.mirror.WaitingTurns;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Holds what happens against what the acknowledged journal says: invariants I1 to I10, at each step that could break one. */
final class Checks {
    private final World world;
    private final AnswerChecks answers;
    private final Map<ChainId, DiskOp> ops = new HashMap<>();
    private final Map<BlockRequest, ChainId> ids = new IdentityHashMap<>();
    private final Map<ChainId, Integer> deathsInHand = new HashMap<>();
    private final WaitingTurns turns = new WaitingTurns();
    private final Set<Long> detached = new HashSet<>();
    private final Set<Long> detaching = new HashSet<>();
    private final Set<Long> opened = new HashSet<>();
    private final Map<Long, SimRing> lost = new HashMap<>();

    Checks(World world) {
        this.world = world;
        this.answers = new AnswerChecks(world, this);
    }

    private JournalMirror mirror() {
        return world.journal.mirror();
    }

    void asked(ChainId id, BlockRequest request, @Nullable DiskOp op) {
        ids.put(request, id);
        if (op != null) {
            ops.put(id, op);
        }
    }

    /** The op behind a chain; one is made for a chain that no honest client asked for. */
    @Nullable DiskOp opOf(Chain chain) {
        DiskOp known = ops.get(ChainId.of(chain));
        SimRing ring = world.supervisor.rings.get(chain.ringId());
        if (known != null || ring == null || !ring.client.isHostile()) {
            return known;
        }
        return world.history.begin(
                "hostile " + ChainId.of(chain),
                chain.operation(),
                world.store.firstCell(chain),
                world.store.cellsOf(chain),
                false,
                world.scheduler.tick(),
                false);
    }

    boolean isPoison(Chain chain) {
        DiskOp op = ops.get(ChainId.of(chain));
        return op != null && op.poison;
    }

    int diesInHand(Chain chain) {
        return deathsInHand.merge(ChainId.of(chain), 1, Integer::sum);
    }

    boolean isPoisoned(ChainId id) {
        return deathsInHand.getOrDefault(id, 0) >= world.settings.limits().poisonLimitAttempts();
    }

    void recordSent(TurnEvent record, BackendCore core) {
        Violation.check(
                record.begun().size() <= world.settings.limits().batchLimitChains(),
                "I10",
                () -> record.begun().size() + " chains begin in one record");
        for (TurnEvent.Begun begun : record.begun()) {
            turns.begins(begun, mirror().ringIn(begun.slot()), this::mayBePassed);
        }
    }

    /** I1, I3: what is handed to the executor is recorded, in order, resumed chains first. */
    void executionOrdered(SimBackend backend, List<Chain> chains) {
        long last = 0;
        boolean hasNew = false;
        for (Chain chain : chains) {
            JournalMirror.Live live = mirror().live(ChainId.of(chain));
            Violation.check(live != null, "I1", () -> chain + " is handed over without a mark");
            if (live == null) {
                continue;
            }
            Violation.check(
                    live.sequence() > last && live.sequence() == chain.beginSequence(),
                    "I3",
                    () -> chain + " is out of order: " + live);
            last = live.sequence();
            hasNew |= live.epoch() == mirror().epoch();
            backend.handled.add(ChainId.of(chain));
        }
        if (!hasNew || world.settings.limits().crashPolicy() != CrashPolicy.RESUME) {
            return;
        }
        for (JournalMirror.Live live : mirror().live().values()) {
            Violation.check(
                    live.epoch() == mirror().epoch()
                            || backend.handled.contains(live.id())
                            || detaching.contains(live.id().ringId())
                            || isHostile(live.id().ringId())
                            || isPoisoned(live.id()),
                    "I3",
                    () -> "new chains are executed before " + live);
        }
    }

    void executionStarts(Chain chain) {
        ChainId id = ChainId.of(chain);
        JournalMirror.Live live = mirror().live(id);
        Violation.check(
                live != null
                        && live.begun().operation() == chain.operation()
                        && live.begun().offsetBytes() == chain.offsetBytes()
                        && live.begun().lengthBytes() == chain.lengthBytes(),
                "I1",
                () -> chain + " is executed, the journal holds " + live);
        Violation.check(!detached.contains(id.ringId()), "I9", () -> chain + " of a detached ring");
        for (SimStore.Running other : world.store.running()) {
            Violation.check(!other.is(id), "I6", () -> chain + " is still running");
            Violation.check(
                    !other.conflicts(chain),
                    "I4",
                    () -> chain + " overlaps " + other + ", which is running");
        }
        if (chain.operation() == Operation.READ || chain.operation() == Operation.WRITE) {
            long bytes = Arrays.stream(chain.data()).mapToLong(ByteBuffer::remaining).sum();
            Violation.check(
                    bytes == chain.lengthBytes(),
                    "F1",
                    () -> chain + " with " + bytes + " bytes of data");
        }
    }

    void outcomeIsJournaled(ChainId id) {
        Violation.check(
                mirror().live(id) == null,
                "K5",
                () -> "the executor forgets the outcome of " + id + ", which is not journaled");
    }

    void executorHolds(int chains) {
        BackendLimits limits = world.settings.limits();
        Violation.check(
                chains <= 2 * limits.inFlightLimitChains() + limits.batchLimitChains(),
                "I10",
                () -> chains + " chains running or done in the executor");
    }

    void adopted(List<Chain> running, List<Chain> done) {
        SimBackend backend = world.supervisor.backend();
        if (backend == null) {
            return;
        }
        running.forEach(chain -> backend.handled.add(ChainId.of(chain)));
        done.forEach(chain -> backend.handled.add(ChainId.of(chain)));
    }

    /** After each input of the backend. */
    void backendStepped(SimBackend backend) {
        int live = backend.core().liveChains();
        int waiting = backend.core().waitingChains();
        Violation.check(
                live <= world.settings.limits().inFlightLimitChains(), "I10", () -> live + " live");
        Violation.check(
                waiting <= world.settings.limits().waitingLimitChains(),
                "I10",
                () -> waiting + " waiting");
        Violation.check(
                mirror().rings() <= world.settings.limits().ringLimit(),
                "I10",
                () -> mirror().rings() + " rings are recorded");
        for (SimRing ring : world.supervisor.rings.values()) {
            if (!ring.client.isHostile()) {
                ring.watch.look(mirror());
            }
        }
    }

    /** I7: when the section ends, everything that its record completed is visible. */
    void sectionEnds(TurnEvent record) {
        if (world.settings.limits().crashPolicy() == CrashPolicy.ABANDON) {
            return;
        }
        for (TurnEvent.Completed done : record.completed()) {
            // A slot freed by this record belongs to a ring that has no taker any more.
            SimRing ring =
                    mirror().holds(done.slot())
                            ? world.supervisor.rings.get(mirror().ringIn(done.slot()))
                            : null;
            if (ring == null || ring.client.isHostile() || detaching.contains(ring.ringId())) {
                continue;
            }
            Violation.check(
                    ring.watch.isVisible(mirror(), done.head()),
                    "I7",
                    () -> "the section ends before " + done + " is visible");
        }
    }

    void informs() {
        SimBackend backend = world.supervisor.backend();
        Violation.check(
                backend == null || !backend.isPublishing() || world.gate.isMasked(),
                "I7",
                () -> "a frontend is informed outside the section");
    }

    void detaches(long ringId) {
        detaching.add(ringId);
    }

    void ringOpens(SimRing ring) {
        Violation.check(!detached.contains(ring.ringId()), "I9", () -> "a ring opens twice");
    }

    /** Nothing of the ring runs, now or later. */
    void ringDetached(long ringId) {
        detached.add(ringId);
        detaching.add(ringId);
        nothingRuns(ringId);
        Violation.check(!mirror().knowsRing(ringId), "F1", () -> "ring " + ringId + " is recorded");
        SimRing ring = lost.getOrDefault(ringId, world.supervisor.rings.get(ringId));
        if (ring != null) {
            ring.client.endPending(ring, world.scheduler.tick());
        }
        lost.remove(ringId);
    }

    /** I9: what it left unanswered may be sent again from now on. */
    void cannotExecute(SimRing ring) {
        Violation.check(
                detached.contains(ring.ringId()),
                "I9",
                () -> "a client opens another ring, and " + ring.ringId() + " is not drained");
        nothingRuns(ring.ringId());
    }

    private void nothingRuns(long ringId) {
        for (SimStore.Running running : world.store.running()) {
            Chain chain = running.chain();
            Violation.check(
                    chain == null || chain.ringId() != ringId,
                    "F1",
                    () -> "ring " + ringId + " is let go while " + chain + " runs");
        }
    }

    boolean hasOpened(long ringId) {
        return opened.contains(ringId);
    }

    /** A ring's client is gone, and the ring is not. */
    boolean isDraining() {
        return world.supervisor.rings.keySet().stream().anyMatch(detaching::contains);
    }

    /** A client is told that it has a ring: the journal knows it. */
    void opens(long ringId) {
        Violation.check(mirror().knowsRing(ringId), "I1", () -> ringId + " opens unrecorded");
        Violation.check(opened.add(ringId), "I5", () -> ringId + " opens twice");
    }

    /** Who is one too many was never told anything else. */
    void ringEnds(long ringId, String reason) {
        if (reason.contains("ring-limit")) {
            Violation.check(
                    !opened.contains(ringId), "I10", () -> ringId + " was open, then: " + reason);
            Set<Long> rings = world.supervisor.rings.keySet();
            Violation.check(
                    rings.size() - (rings.contains(ringId) ? 1 : 0)
                            >= world.settings.limits().ringLimit(),
                    "I10",
                    () -> ringId + " is refused beside " + rings + ": " + reason);
        }
    }

    /** Nothing of its rings begins any more; what has begun may run until the journal lets go of them. */
    void supervisorDied() {
        detached.addAll(world.supervisor.rings.keySet());
        lost.putAll(world.supervisor.rings);
    }

    void backendDied() {
        turns.clear();
    }

    void processDied() {
        detached.addAll(world.supervisor.rings.keySet());
        lost.values().forEach(ring -> ring.client.endPending(ring, world.scheduler.time()));
        lost.clear();
    }

    /** I2, I5: what a client hears is what the journal holds. */
    void completed(BlockRequest request, @Nullable DiskOp op, boolean invalid) {
        answers.completed(ids.remove(request), request, op, invalid);
    }

    /** A chain was taken out of its ring. */
    void taken(@Nullable Chain chain) {
        if (chain != null) {
            turns.taken(chain);
        }
    }

    /** What waits of a ring that goes is dropped. */
    private boolean mayBePassed(long ringId) {
        return detaching.contains(ringId) || isHostile(ringId);
    }

    private boolean isHostile(long id) {
        return world.supervisor.rings.containsKey(id)
                && world.supervisor.rings.get(id).client.isHostile();
    }
}
