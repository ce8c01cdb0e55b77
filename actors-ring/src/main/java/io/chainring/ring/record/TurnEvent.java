package io.chainring.ring.record;

import io.chainring.ring.request.Operation;
import java.util.List;

/**
 * What one turn of the backend changed, in one atomic journal record (invariants I1 and I2): which chains it began and
 * which it completed, and, where there were any, which rings came and went.
 *
 * <p>Applied in the order of the components: a range freed by {@code completed} may be taken by {@code begun} of the
 * same record, a slot freed by {@code detached} may be taken by {@code attached}.
 *
 * @param epoch the epoch of the backend that writes it
 * @param beginsEpoch true for the first record of an epoch
 * @param attempts chains whose processing killed the backend before
 * @param completed chains completed: both arrays at once
 * @param detached rings that are gone
 * @param attached rings that came
 * @param firstSequence begin sequence of the first of {@code begun}; the others follow by one
 * @param begun chains marked
 */
public record TurnEvent(
        long epoch,
        boolean beginsEpoch,
        List<Attempt> attempts,
        List<Completed> completed,
        List<Detached> detached,
        List<Attached> attached,
        long firstSequence,
        List<Begun> begun) {

    /** A ring came; its arrays start at the initial value. */
    public record Attached(int slot, long ringId, int sizeDescriptors) {}

    /** A ring is gone; marks that it still had are abandoned and counted. */
    public record Detached(int slot, long ringId, int abandonedChains) {}

    /** The chain was being processed when the backend died of an error. */
    public record Attempt(int slot, int head, int generation) {}

    /** A chain began: its state element is marked. */
    public record Begun(
            int slot,
            int head,
            int generation,
            Operation operation,
            int flags,
            long offsetBytes,
            long lengthBytes) {}

    /** A chain ended: used element due, state element cleared, completion element set. */
    public record Completed(int slot, int head, int generation, byte status, int writtenBytes) {}

    /** The record that begins an epoch. */
    public static TurnEvent epoch(long epoch, List<Attempt> attempts, long firstSequence) {
        return new TurnEvent(
                epoch, true, attempts, List.of(), List.of(), List.of(), firstSequence, List.of());
    }
}
