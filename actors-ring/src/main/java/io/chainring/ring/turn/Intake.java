package io.chainring.ring.turn;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.record.BackendState;
import io.chainring.ring.record.RecoveryArrays;
import io.chainring.ring.record.TurnEvent;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.virtqueue.DeviceQueue;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How chains come in: taken from the available rings in turn, read and checked, then waiting for admission or refused.
 */
final class Intake {
    private static final Logger LOG = LoggerFactory.getLogger(Intake.class);

    private final BackendState state;
    private final BackendLimits limits;
    private final BackendEffects effects;
    private final ProcessingCursor cursor;
    private final RingStatistics statistics;
    private final ChainReader reader;
    private final RingTable rings;
    private final Admission admission;
    private final RingGuard guard;
    private final List<TurnEvent.Completed> refused = new ArrayList<>();
    private int nextRing;

    Intake(
            BackendState state,
            BackendLimits limits,
            BackendEffects effects,
            ProcessingCursor cursor,
            RingStatistics statistics,
            RingTable rings,
            Admission admission,
            ChainReader reader,
            RingGuard guard) {
        this.state = state;
        this.limits = limits;
        this.effects = effects;
        this.cursor = cursor;
        this.statistics = statistics;
        this.rings = rings;
        this.admission = admission;
        this.reader = reader;
        this.guard = guard;
    }

    boolean hasRefused() {
        return !refused.isEmpty();
    }

    /** Moves the completions of refused chains into a record; those of a ring that closed meanwhile are dropped. */
    void moveRefused(List<TurnEvent.Completed> into) {
        for (TurnEvent.Completed completed : refused) {
            if (!rings.bySlot(completed.slot()).isClosing()) {
                into.add(completed);
            }
        }
        refused.clear();
    }

    /** Takes available chains ring by ring, beginning with another ring each turn. */
    void takeChains() {
        int count = rings.count();
        for (int i = 0; i < count && mayTake(); i++) {
            takeChains(rings.all().get((nextRing + i) % count));
        }
        nextRing = count == 0 ? 0 : (nextRing + 1) % count;
    }

    private void takeChains(AttachedRing ring) {
        DeviceQueue device = ring.device;
        if (device == null || !ring.isServed()) {
            return;
        }
        guard.run(
                ring,
                () -> {
                    while (mayTake()) {
                        Integer before = ring.takenBefore.poll();
                        int head = before != null ? before : device.take();
                        if (head < 0) {
                            return;
                        }
                        ring.takenGeneration[head]++;
                        receive(ring, head);
                    }
                });
    }

    private boolean mayTake() {
        return admission.waitingChains() < limits.waitingLimitChains()
                && admission.liveChains() + admission.waitingChains() < limits.inFlightLimitChains()
                && refused.size() < limits.waitingLimitChains();
    }

    private void receive(AttachedRing ring, int head) {
        int generation = ring.takenGeneration[head];
        cursor.hold(ring.ringId, head, generation);
        if (isPoison(ring, head, generation)) {
            refuse(ring, head, generation, ChainStatus.IOERR);
            cursor.clear();
            return;
        }
        reader.read(ring, head, generation);
        Chain chain = reader.chain();
        effects.at(KillPoint.TAKEN, chain);
        if (chain == null) {
            refuse(ring, head, generation, reader.status());
        } else {
            admission.add(chain);
        }
        cursor.clear();
    }

    private boolean isPoison(AttachedRing ring, int head, int generation) {
        RecoveryArrays arrays = ring.slot < 0 ? null : state.slot(ring.slot);
        if (arrays == null || arrays.attempts(head, generation) < limits.poisonLimitAttempts()) {
            return false;
        }
        reader.readPoison(ring, head, generation);
        statistics.poisonedChains.incrementAndGet();
        LOG.error(
                "Ring {} head {}: ended with an I/O error, its processing has killed the backend {} times",
                ring.ringId,
                head,
                arrays.attempts(head, generation));
        return true;
    }

    private void refuse(AttachedRing ring, int head, int generation, byte status) {
        refused.add(new TurnEvent.Completed(ring.slot, head, generation, status, 0));
    }

    /** True when the ring has something for the next turn; otherwise it is asked to kick. */
    boolean needsTurn(AttachedRing ring) {
        DeviceQueue device = ring.device;
        if (ring.isAttaching() || ring.isClosing()) {
            return RingTurnover.isDue(ring, rings, limits.ringLimit());
        }
        if (device == null || !ring.isServed()) {
            return false;
        }
        boolean[] more = new boolean[1];
        guard.run(ring, () -> more[0] = device.enableKicks());
        more[0] |= !ring.takenBefore.isEmpty();
        return ring.isClosing()
                ? RingTurnover.isDue(ring, rings, limits.ringLimit())
                : more[0] && mayTake();
    }
}
