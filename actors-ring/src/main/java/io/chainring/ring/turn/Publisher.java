package io.chainring.ring.turn;

import io.chainring.ring.record.RecoveryArrays;
import io.chainring.ring.record.TurnEvent;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.virtqueue.DeviceQueue;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How completions go out: status byte, used element, index, and then the driver side is informed. */
final class Publisher {
    private final BackendEffects effects;
    private final RingStatistics statistics;
    private final RingTable rings;
    private final ChainReader reader;
    private final RingGuard guard;
    private final Usefulness use;

    Publisher(
            BackendEffects effects,
            RingStatistics statistics,
            RingTable rings,
            ChainReader reader,
            RingGuard guard,
            Usefulness use) {
        this.effects = effects;
        this.statistics = statistics;
        this.rings = rings;
        this.reader = reader;
        this.guard = guard;
        this.use = use;
    }

    /** Takes what a ring brought along: publishes again what is completed, notes what nobody has begun. */
    void takeOver(AttachedRing ring, @Nullable RecoveryArrays arrays) {
        if (arrays == null) {
            throw new IllegalStateException("ring " + ring.ringId + " is served without arrays");
        }
        guard.run(
                ring,
                () -> {
                    Resumption.position(ring);
                    republish(ring, arrays);
                    ring.takenBefore.addAll(Resumption.newHeads(ring, arrays));
                });
    }

    /** Publishes again, without executing anything, what is recorded and the driver side still waits for (K6). */
    private void republish(AttachedRing ring, RecoveryArrays arrays) {
        for (int head : Resumption.completedHeads(ring, arrays)) {
            reader.read(ring, head, arrays.generation(head));
            publish(ring, head, arrays.status(head), arrays.writtenBytes(head));
            statistics.renotifiedChains.incrementAndGet();
        }
    }

    /** Publishes recorded completions and leaves the completion section. */
    void publish(List<TurnEvent.Completed> completed) {
        if (completed.isEmpty()) {
            return;
        }
        use.completed();
        for (TurnEvent.Completed done : completed) {
            AttachedRing ring = rings.bySlot(done.slot());
            statistics.completedChains.incrementAndGet();
            if (ring.isClosing()) {
                statistics.droppedCompletions.incrementAndGet();
            } else {
                guard.run(
                        ring, () -> publish(ring, done.head(), done.status(), done.writtenBytes()));
            }
        }
        inform();
        effects.unmaskSignals();
    }

    private void publish(AttachedRing ring, int head, byte status, int writtenBytes) {
        DeviceQueue device = ring.device;
        ByteBuffer statusByte = ring.statusByte[head];
        if (device == null || ring.transport == null || statusByte == null) {
            throw new IllegalStateException(
                    "ring " + ring.ringId + " head " + head + " was never read");
        }
        statusByte.put(0, ring.transport.privateFeatures() ? status : ChainStatus.forGuest(status));
        device.publishUsed(head, writtenBytes + 1);
        ring.touched = true;
    }

    /** Shows what was published, and tells the driver sides that want to know. */
    void inform() {
        boolean published = false;
        for (AttachedRing ring : rings.all()) {
            if (ring.touched && ring.device != null) {
                ring.device.flushUsed();
                published = true;
            }
        }
        if (!published) {
            return;
        }
        use.completed();
        effects.at(KillPoint.PUBLISHED, null);
        for (AttachedRing ring : rings.all()) {
            if (ring.touched) {
                ring.touched = false;
                informFrontend(ring);
            }
        }
        effects.at(KillPoint.INFORMED, null);
    }

    private static void informFrontend(AttachedRing ring) {
        if (ring.device != null
                && ring.transport != null
                && (ring.device.shouldNotify() || ring.mustInform)) {
            ring.mustInform = false;
            ring.transport.inform();
        }
    }
}
