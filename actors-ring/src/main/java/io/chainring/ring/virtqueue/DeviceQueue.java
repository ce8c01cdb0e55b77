package io.chainring.ring.virtqueue;

import io.chainring.ring.memory.RingFields;
import io.chainring.ring.memory.RingMemory;
import io.chainring.ring.memory.RingViolationException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The device side of a split virtqueue (virtio 1.2, section 2.7): the backend's. It takes heads from
 * the available ring, reads their chains and publishes completions in the used ring.
 *
 * <p>A batch is: {@code take} and {@code read} for each chain; later {@code publishUsed} for each, one
 * {@code flushUsed}, one {@code shouldNotify}. One thread owns a queue.
 *
 * <p>All that the driver wrote is untrusted. What no driver writes is a {@link
 * RingViolationException}; from then on this ring is broken and every call that exchanges chains
 * throws it again, while other rings go on.
 *
 * <p><b>Remap.</b> A new incarnation creates a new queue over the same memory. It starts where the
 * last one had published used elements, as if nothing had been taken since. Where the outstanding
 * chains are known from elsewhere (the journal, the frontend), {@link #resumeFrom} says what counts as
 * taken, before anything is published. Chains complete in any order,
 * so the number of taken but uncompleted chains, not their place, is what the positions mean.
 */
public final class DeviceQueue {
    private final boolean eventIdx;
    private final int sizeDescriptors;
    private final int indexMask;
    private final ByteBuffer available;
    private final ByteBuffer used;
    private final int usedEventOffset;
    private final int availEventOffset;
    private final ChainWalker walker;

    /** Heads taken by this incarnation and not yet completed. */
    private final boolean[] taken;

    /** Counts of this incarnation; their low 16 bits are the positions in the rings. */
    private long takenCount;

    private long availableSeenCount;
    private long usedCount;
    private long flushedCount;
    private long notifyTestedCount;
    private @Nullable String broken;

    /**
     * Creates the device side at the position that the used ring shows.
     *
     * @param eventIdx whether VIRTIO_F_EVENT_IDX is negotiated
     * @throws RingViolationException when the layout does not lie in the memory
     */
    public DeviceQueue(RingMemory memory, QueueLayout layout, boolean eventIdx) {
        this.eventIdx = eventIdx;
        sizeDescriptors = layout.sizeDescriptors();
        indexMask = sizeDescriptors - 1;
        ByteBuffer table =
                memory.slice(layout.descriptorTableAddress(), layout.descriptorTableBytes());
        available = memory.slice(layout.availableRingAddress(), layout.availableRingBytes());
        used = memory.slice(layout.usedRingAddress(), layout.usedRingBytes());
        usedEventOffset = layout.availableRingBytes() - Short.BYTES;
        availEventOffset = layout.usedRingBytes() - Short.BYTES;
        walker = new ChainWalker(memory, table, sizeDescriptors);
        taken = new boolean[sizeDescriptors];
        usedCount = RingFields.get16Acquire(used, RingArea.IDX);
        flushedCount = usedCount;
        notifyTestedCount = usedCount;
        takenCount = usedCount;
        availableSeenCount = usedCount;
    }

    /** Number of descriptors of the ring. */
    public int sizeDescriptors() {
        return sizeDescriptors;
    }

    /** Number of chains that are taken and not yet completed. */
    public int outstandingChains() {
        return (int) (takenCount - usedCount);
    }

    /** Whether the driver broke the ring. */
    public boolean isBroken() {
        return broken != null;
    }

    /**
     * Number of chains that can be taken now.
     *
     * @throws RingViolationException when the available index runs further than the ring is long
     */
    public int available() {
        checkHealthy();
        lookForAvailable();
        return (int) (availableSeenCount - takenCount);
    }

    /**
     * Takes the next chain.
     *
     * @return its head, or -1 when there is none now
     * @throws RingViolationException when the available ring holds what no driver writes
     */
    public int take() {
        checkHealthy();
        if (takenCount == availableSeenCount && !lookForAvailable()) {
            return -1;
        }
        int slot = (int) takenCount & indexMask;
        int head =
                RingFields.getU16(
                        available, RingArea.RING + slot * RingArea.AVAILABLE_ELEMENT_BYTES);
        if (head >= sizeDescriptors) {
            throw violation(
                    "avail.ring[" + slot + "] is " + head + ": the ring has " + sizeDescriptors);
        }
        if (taken[head]) {
            throw violation("avail.ring[" + slot + "] is " + head + ", which is still outstanding");
        }
        taken[head] = true;
        takenCount++;
        return head;
    }

    private boolean lookForAvailable() {
        int index = RingFields.get16Acquire(available, RingArea.IDX);
        int ahead = (index - (int) takenCount) & RingArea.U16_MASK;
        long outstanding = takenCount - usedCount;
        if (ahead > sizeDescriptors - outstanding) {
            throw violation(
                    "avail.idx is %s, %s ahead with %s chains outstanding in a ring of %s"
                            .formatted(index, ahead, outstanding, sizeDescriptors));
        }
        availableSeenCount = takenCount + ahead;
        return ahead > 0;
    }

    /**
     * Walks a chain and validates it: loops, links and tables out of range, nested tables, buffers
     * outside the memory or empty, readable behind writable ones, and the limits of {@code into}.
     *
     * @throws RingViolationException when the chain is not one; {@code into} is then of no use
     */
    public void read(int head, ChainBuffers into) {
        checkHealthy();
        checkHead(head);
        try {
            walker.walk(head, into);
        } catch (RingViolationException e) {
            into.clear();
            broken = e.getMessage();
            throw e;
        }
    }

    /**
     * Puts a completed chain into the used ring; the driver sees it after the next {@link #flushUsed}.
     *
     * @param writtenBytes bytes written into the chain's writable buffers
     * @throws IllegalStateException when more chains would be completed than were taken
     */
    public void publishUsed(int head, int writtenBytes) {
        checkHead(head);
        if (writtenBytes < 0) {
            throw new IllegalArgumentException("written bytes are " + writtenBytes);
        }
        if (usedCount == takenCount) {
            throw new IllegalStateException(
                    "chain " + head + " completes, but none is outstanding");
        }
        int slot = (int) usedCount & indexMask;
        int at = RingArea.RING + slot * RingArea.USED_ELEMENT_BYTES;
        RingFields.setU32(used, at, head);
        RingFields.setU32(used, at + Integer.BYTES, writtenBytes);
        taken[head] = false;
        usedCount++;
    }

    /** Shows all published completions to the driver: one store of the index, release ordering. */
    public void flushUsed() {
        if (flushedCount != usedCount) {
            flushedCount = usedCount;
            RingFields.set16Release(used, RingArea.IDX, (int) flushedCount);
        }
    }

    /**
     * Whether the driver wants a notification for what was flushed since the last call (sections 2.7.7
     * and 2.7.10). It knows nothing of what an earlier incarnation flushed: after a remap notify once
     * without asking.
     */
    public boolean shouldNotify() {
        long old = notifyTestedCount;
        if (old == flushedCount) {
            return false;
        }
        notifyTestedCount = flushedCount;
        // The index must be visible before the driver's wish is read, or both sides may go to
        // sleep.
        VarHandle.fullFence();
        if (eventIdx) {
            int event = RingFields.get16Acquire(available, usedEventOffset);
            return RingArea.eventPassed(event, flushedCount, old);
        }
        return (RingFields.get16Acquire(available, RingArea.FLAGS) & RingArea.FLAG_SUPPRESS) == 0;
    }

    /**
     * Asks the driver to kick when it publishes the next chain.
     *
     * @return true when chains arrived before the driver could know: take them first
     */
    public boolean enableKicks() {
        checkHealthy();
        if (eventIdx) {
            RingFields.set16Release(used, availEventOffset, (int) takenCount);
        } else {
            RingFields.set16Release(used, RingArea.FLAGS, 0);
        }
        // The wish must be visible before the index is read again, or both sides may go to sleep.
        VarHandle.fullFence();
        return takenCount != availableSeenCount || lookForAvailable();
    }

    /** Index of the available ring up to which chains are taken: the next one to take, 0 to 65535. */
    public int lastTakenIndex() {
        return (int) takenCount & RingArea.U16_MASK;
    }

    /**
     * Counts every chain in front of this index of the available ring as taken, and none behind it.
     *
     * @throws RingViolationException when the index and the ring contradict each other
     */
    public void resumeFrom(int availableIndex) {
        checkHealthy();
        int outstanding = (availableIndex - (int) usedCount) & RingArea.U16_MASK;
        if ((availableIndex & RingArea.U16_MASK) != availableIndex
                || outstanding > sizeDescriptors) {
            throw violation(
                    "taken index %s contradicts used.idx %s in a ring of %s"
                            .formatted(
                                    availableIndex,
                                    (int) usedCount & RingArea.U16_MASK,
                                    sizeDescriptors));
        }
        takenCount = usedCount + outstanding;
        Arrays.fill(taken, false);
        lookForAvailable();
    }

    /**
     * Counts every chain in front of this index of the available ring as taken, and none behind it; of those exactly
     * these are not completed.
     *
     * @throws RingViolationException when index, heads and ring contradict each other
     */
    public void resumeFrom(int availableIndex, int[] outstandingHeads) {
        resumeFrom(availableIndex);
        if (outstandingChains() != outstandingHeads.length) {
            throw violation(
                    "%s chains are outstanding, but taken index %s and used.idx %s leave %s"
                            .formatted(
                                    outstandingHeads.length,
                                    availableIndex,
                                    (int) usedCount & RingArea.U16_MASK,
                                    outstandingChains()));
        }
        for (int head : outstandingHeads) {
            if (head < 0 || head >= sizeDescriptors || taken[head]) {
                throw violation("outstanding head " + head + " is out of range or named twice");
            }
            taken[head] = true;
        }
    }

    private void checkHead(int head) {
        if (head < 0 || head >= sizeDescriptors) {
            throw new IllegalArgumentException("head " + head + " in a ring of " + sizeDescriptors);
        }
    }

    private void checkHealthy() {
        if (broken != null) {
            throw new RingViolationException("ring is broken: " + broken);
        }
    }

    private RingViolationException violation(String message) {
        broken = message;
        return new RingViolationException(message);
    }
}
