package io.chainring.ring.record;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The journaled state of one disk's backend: the epoch, the begin sequence and the arrays of each ring. It changes by
 * {@link #apply} alone, while serving and while replaying alike, and checks each record before it changes anything of
 * it: records are untrusted input.
 */
public final class BackendState {
    /** Most rings that one disk may have at once; slots are numbered below it. */
    public static final int SLOT_LIMIT = 4096;

    private long epoch;
    private long nextSequence = StateArray.INITIAL + 1;
    private final List<@Nullable JournaledArrays> slots = new ArrayList<>();

    /** A disk that was never served. */
    public BackendState() {}

    /** Epoch of the last incarnation that began; 0 when there was none. */
    public long epoch() {
        return epoch;
    }

    /** The begin sequence that the next chain gets. */
    public long nextSequence() {
        return nextSequence;
    }

    /** One more than the highest slot ever taken. */
    public int slotCount() {
        return slots.size();
    }

    /** The arrays in a slot, or null when it is free. */
    public @Nullable RecoveryArrays slot(int slot) {
        return arrays(slot);
    }

    /** The arrays of all slots up to the highest ever taken, null where one is free. */
    public List<? extends @Nullable RecoveryArrays> slots() {
        return Collections.unmodifiableList(slots);
    }

    @Nullable JournaledArrays arrays(int slot) {
        return slot >= 0 && slot < slots.size() ? slots.get(slot) : null;
    }

    /** Chains marked in all rings. */
    public int marked() {
        int marked = 0;
        for (JournaledArrays arrays : slots) {
            marked += arrays == null ? 0 : arrays.marked();
        }
        return marked;
    }

    /**
     * Applies one record.
     *
     * @throws IllegalTransitionException when the record does not follow from this state; the state is then void
     */
    public BackendState apply(TurnEvent event) {
        applyEpoch(event);
        for (TurnEvent.Attempt attempt : event.attempts()) {
            require(attempt.slot()).countAttempt(attempt.head(), attempt.generation());
        }
        for (TurnEvent.Completed done : event.completed()) {
            require(done.slot())
                    .complete(done.head(), done.generation(), done.status(), done.writtenBytes());
        }
        for (TurnEvent.Detached gone : event.detached()) {
            detach(gone);
        }
        for (TurnEvent.Attached came : event.attached()) {
            attach(came.slot(), came.ringId(), came.sizeDescriptors());
        }
        if (event.firstSequence() != nextSequence) {
            throw new IllegalTransitionException(
                    "begin sequence %s where %s is next"
                            .formatted(event.firstSequence(), nextSequence));
        }
        for (TurnEvent.Begun begun : event.begun()) {
            require(begun.slot())
                    .mark(
                            begun.head(),
                            begun.generation(),
                            nextSequence,
                            begun.operation(),
                            begun.flags(),
                            begun.offsetBytes(),
                            begun.lengthBytes());
            nextSequence++;
        }
        return this;
    }

    private void applyEpoch(TurnEvent event) {
        long expected = event.beginsEpoch() ? epoch + 1 : epoch;
        if (event.epoch() != expected) {
            throw new IllegalTransitionException(
                    "a record of epoch %s%s where epoch %s was last"
                            .formatted(
                                    event.epoch(),
                                    event.beginsEpoch() ? " that begins it" : "",
                                    epoch));
        }
        epoch = expected;
    }

    private void detach(TurnEvent.Detached gone) {
        JournaledArrays arrays = require(gone.slot());
        if (arrays.ringId() != gone.ringId() || arrays.marked() != gone.abandonedChains()) {
            throw new IllegalTransitionException(
                    "slot %s holds ring %s with %s marked chains, not ring %s with %s"
                            .formatted(
                                    gone.slot(),
                                    arrays.ringId(),
                                    arrays.marked(),
                                    gone.ringId(),
                                    gone.abandonedChains()));
        }
        slots.set(gone.slot(), null);
    }

    JournaledArrays attach(int slot, long ringId, int sizeDescriptors) {
        if (slot < 0 || slot >= SLOT_LIMIT || slot(slot) != null) {
            throw new IllegalTransitionException("slot " + slot + " cannot take ring " + ringId);
        }
        if (sizeDescriptors < 1 || sizeDescriptors > 32768) {
            throw new IllegalTransitionException(
                    "ring " + ringId + " of " + sizeDescriptors + " descriptors");
        }
        while (slots.size() <= slot) {
            slots.add(null);
        }
        JournaledArrays arrays = new JournaledArrays(ringId, sizeDescriptors);
        slots.set(slot, arrays);
        return arrays;
    }

    void restore(long restoredEpoch, long restoredNextSequence) {
        epoch = restoredEpoch;
        nextSequence = restoredNextSequence;
    }

    private JournaledArrays require(int slot) {
        JournaledArrays arrays = arrays(slot);
        if (arrays == null) {
            throw new IllegalTransitionException("slot " + slot + " holds no ring");
        }
        return arrays;
    }
}
