package io.chainring.ring.turn;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.memory.RingViolationException;
import io.chainring.ring.record.RecoveryArrays;
import io.chainring.ring.virtqueue.DeviceQueue;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a new epoch finds: the journal's arrays, what each driver side waits for, and what the executor runs, held
 * against each other. For each chain that a driver side waits for:
 *
 * <pre>
 *   state array      completion array   then
 *   marked (g)       -                  resume: it runs, is done, or is executed again (K3, K4, K5)
 *   initial          (g, status)        publish it again, execute nothing (K6)
 *   initial          (g - 1) or none    new (K1)
 *   anything else                       contradiction: the ring stops, nothing is guessed
 * </pre>
 *
 * A ring that nobody holds any more (its process died) keeps only what still runs; its other marks are abandoned (P1).
 */
final class Resumption {
    private enum Standing {
        MARKED,
        COMPLETED,
        NEW
    }

    private record Identity(long ringId, int head, int generation) {}

    private final List<? extends @Nullable RecoveryArrays> slots;
    private final BackendLimits limits;
    private final RingTable rings;
    private final ChainReader reader;
    private final RingStatistics statistics;
    private final ProcessingCursor cursor;
    private final Set<Identity> executorRuns = new HashSet<>();
    private final RingGuard guard;
    private final List<Chain> live = new ArrayList<>();
    private final Set<Chain> toFail = new HashSet<>();

    Resumption(
            List<? extends @Nullable RecoveryArrays> slots,
            BackendLimits limits,
            RingTable rings,
            ChainReader reader,
            RingStatistics statistics,
            ProcessingCursor cursor,
            List<Chain> executorRuns,
            RingGuard guard) {
        this.slots = slots;
        this.limits = limits;
        this.rings = rings;
        this.reader = reader;
        this.statistics = statistics;
        this.cursor = cursor;
        for (Chain chain : executorRuns) {
            this.executorRuns.add(new Identity(chain.ringId(), chain.head(), chain.generation()));
        }
        this.guard = guard;
    }

    /** Seats every ring of the journal and finds the chains to carry on with. */
    void run() {
        for (int slot = 0; slot < slots.size(); slot++) {
            RecoveryArrays arrays = slots.get(slot);
            if (arrays != null) {
                AttachedRing ring = seat(slot, arrays);
                boolean[] sound = new boolean[1];
                guard.run(
                        ring,
                        () -> {
                            check(ring, arrays);
                            sound[0] = true;
                        });
                findMarked(ring, arrays, sound[0]);
            }
        }
    }

    /** Chains that are live again: those marked that may be carried on with. */
    List<Chain> live() {
        return live;
    }

    /** Those of {@link #live} that end with an I/O error: by the crash policy, or as poison. */
    Set<Chain> toFail() {
        return toFail;
    }

    private AttachedRing seat(int slot, RecoveryArrays arrays) {
        AttachedRing ring = rings.byId(arrays.ringId());
        if (ring == null) {
            ring = new AttachedRing(arrays.ringId(), arrays.size());
            ring.leave("its front door is gone");
            rings.add(ring);
        } else if (ring.sizeDescriptors() != arrays.size()) {
            ring = withSizeOf(ring, arrays);
        }
        rings.seat(ring, slot);
        if (!ring.isClosing()) {
            ring.serve();
        }
        return ring;
    }

    /** The ring is another than the journal's: what was begun is looked after, and it closes. */
    private AttachedRing withSizeOf(AttachedRing present, RecoveryArrays arrays) {
        AttachedRing ring = new AttachedRing(arrays.ringId(), arrays.size());
        rings.remove(present);
        rings.add(ring);
        guard.run(
                ring,
                () -> {
                    throw new RingViolationException(
                            "it has %s descriptors, the journal knows it with %s"
                                    .formatted(present.sizeDescriptors(), arrays.size()));
                });
        return ring;
    }

    private void check(AttachedRing ring, RecoveryArrays arrays) {
        for (int head = 0; head < arrays.size(); head++) {
            ring.takenGeneration[head] = arrays.generation(head);
        }
        if (limits.crashPolicy() == CrashPolicy.ABANDON && arrays.marked() > 0) {
            ring.close("its chains in flight were abandoned (crash-policy = abandon)");
        }
        if (!ring.isClosing()) {
            checkWaitedFor(ring, arrays);
        }
    }

    private static void checkWaitedFor(AttachedRing ring, RecoveryArrays arrays) {
        int marked = 0;
        for (int i = 0; i < ring.outstanding.count(); i++) {
            marked += standing(ring, arrays, i) == Standing.MARKED ? 1 : 0;
        }
        if (marked != arrays.marked()) {
            throw new RingViolationException(
                    String.format(
                            "its driver side waits for %s of the %s chains that the journal holds as "
                                    + "begun",
                            marked, arrays.marked()));
        }
    }

    private static Standing standing(AttachedRing ring, RecoveryArrays arrays, int index) {
        int head = ring.outstanding.heads()[index];
        int generation = ring.outstanding.generations()[index];
        if (head < 0 || head >= arrays.size()) {
            throw new RingViolationException(
                    "its driver side waits for head " + head + " of " + arrays.size());
        }
        if (generation == arrays.generation(head) + 1 && !arrays.isMarked(head)) {
            return Standing.NEW;
        }
        if (generation == arrays.generation(head) && arrays.isMarked(head)) {
            return Standing.MARKED;
        }
        if (generation == arrays.generation(head) && arrays.isCompleted(head)) {
            return Standing.COMPLETED;
        }
        throw new RingViolationException(
                String.format(
                        "its driver side waits for generation %s of head %s, the journal knows "
                                + "generation %s%s",
                        Integer.toUnsignedString(generation),
                        head,
                        Integer.toUnsignedString(arrays.generation(head)),
                        arrays.isMarked(head) ? ", begun" : ""));
    }

    /** Puts the device side behind everything that was published when the driver side introduced itself. */
    static void position(AttachedRing ring) {
        DeviceQueue device = ring.device;
        if (device != null && !ring.isClosing()) {
            device.resumeFrom(ring.outstanding.availableIndex(), ring.outstanding.heads());
        }
    }

    /** Heads that the driver side waits for and nobody has begun, in the order of their submission. */
    static List<Integer> newHeads(AttachedRing ring, RecoveryArrays arrays) {
        return heads(ring, arrays, Standing.NEW);
    }

    /** Heads whose completion is recorded and which the driver side still waits for. */
    static List<Integer> completedHeads(AttachedRing ring, RecoveryArrays arrays) {
        return heads(ring, arrays, Standing.COMPLETED);
    }

    private static List<Integer> heads(AttachedRing ring, RecoveryArrays arrays, Standing wanted) {
        List<Integer> heads = new ArrayList<>();
        for (int i = 0; i < ring.outstanding.count(); i++) {
            if (standing(ring, arrays, i) == wanted) {
                heads.add(ring.outstanding.heads()[i]);
            }
        }
        return heads;
    }

    private void findMarked(AttachedRing ring, RecoveryArrays arrays, boolean isSound) {
        if (ring.device == null && !anyRuns(ring, arrays)) {
            return;
        }
        boolean mayRead =
                isSound && ring.device != null && limits.crashPolicy() != CrashPolicy.ABANDON;
        for (int head = 0; head < arrays.size(); head++) {
            if (arrays.isMarked(head)) {
                mayRead = carryOn(ring, arrays, head, mayRead);
            }
        }
    }

    private boolean anyRuns(AttachedRing ring, RecoveryArrays arrays) {
        for (int head = 0; head < arrays.size(); head++) {
            if (arrays.isMarked(head) && runs(ring.ringId, head, arrays.generation(head))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Makes a marked chain live again, so that its range is free of others until its completion is recorded (I4). What
     * may not be read cannot be executed either: unless it runs already, it ends with an I/O error.
     *
     * @return whether more may be read
     */
    private boolean carryOn(AttachedRing ring, RecoveryArrays arrays, int head, boolean mayRead) {
        int generation = arrays.generation(head);
        boolean poison = arrays.attempts(head, generation) >= limits.poisonLimitAttempts();
        Chain[] read = new Chain[1];
        if (mayRead) {
            cursor.hold(ring.ringId, head, generation);
            guard.run(ring, () -> read[0] = reread(ring, arrays, head, poison));
            cursor.clear();
        }
        boolean readable = read[0] != null;
        Chain chain = readable ? read[0] : withoutMemory(ring, arrays, head);
        chain.beginSequence(arrays.beginSequence(head));
        live.add(chain);
        if (readable || runs(ring.ringId, head, generation)) {
            statistics.resumedChains.incrementAndGet();
        } else {
            statistics.abandonedChains.incrementAndGet();
        }
        if (poison) {
            statistics.poisonedChains.incrementAndGet();
        }
        if (poison || !readable || limits.crashPolicy() == CrashPolicy.FAIL) {
            toFail.add(chain);
        }
        return readable;
    }

    private boolean runs(long ringId, int head, int generation) {
        return executorRuns.contains(new Identity(ringId, head, generation));
    }

    private Chain reread(AttachedRing ring, RecoveryArrays arrays, int head, boolean poison) {
        if (poison) {
            reader.readPoison(ring, head, arrays.generation(head));
        } else {
            reader.read(ring, head, arrays.generation(head));
        }
        Chain chain = reader.chain();
        if (chain == null
                || chain.operation() != arrays.operation(head)
                || chain.offsetBytes() != arrays.offsetBytes(head)
                || chain.lengthBytes() != arrays.lengthBytes(head)) {
            throw new RingViolationException(
                    "head %s holds %s, the journal has begun %s %s+%s"
                            .formatted(
                                    head,
                                    chain == null ? "no valid request" : chain,
                                    arrays.operation(head),
                                    arrays.offsetBytes(head),
                                    arrays.lengthBytes(head)));
        }
        return chain;
    }

    private static Chain withoutMemory(AttachedRing ring, RecoveryArrays arrays, int head) {
        return new Chain(
                ring.ringId,
                head,
                arrays.generation(head),
                arrays.operation(head),
                arrays.offsetBytes(head),
                arrays.lengthBytes(head),
                arrays.flags(head),
                new ByteBuffer[0]);
    }
}
