package io.chainring.ring.virtqueue;

import io.chainring.ring.memory.RingFields;
import io.chainring.ring.memory.RingMemory;
import io.chainring.ring.memory.RingViolationException;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The driver side of a split virtqueue (virtio 1.2, section 2.7): the frontend's. It owns the
 * descriptors, links them to chains, publishes heads in the available ring and takes completed heads
 * from the used ring.
 *
 * <pre>
 * free --add--> added --publish--> outstanding --takeUsed--> free
 * </pre>
 *
 * <p>A batch is: {@code add} and {@code publish} as often as there are chains, one {@code flush}, one
 * {@code shouldKick}. One thread owns a queue. Nothing that the device may overwrite is read back
 * except the used ring, and that is checked: an index that runs further than chains are outstanding,
 * an id that is not outstanding or more bytes than the chain has room for is a {@link
 * RingViolationException}, and from then on every call that exchanges chains throws it again.
 *
 * <p>Creating a driver queue resets the ring, as a driver does before it hands the ring to a device;
 * the device's side must be created afterwards.
 */
public final class DriverQueue {
    private static final byte FREE = 0;
    private static final byte ADDED = 1;
    private static final byte OUTSTANDING = 2;

    private final boolean eventIdx;
    private final int sizeDescriptors;
    private final int indexMask;
    private final DescriptorChains chains;
    private final ByteBuffer available;
    private final ByteBuffer used;
    private final int usedEventOffset;
    private final int availEventOffset;

    private final byte[] state;

    private int outstandingChains;

    private long publishedCount;
    private long flushedCount;
    private long kickTestedCount;
    private long takenCount;
    private long usedSeenCount;
    private long usedLengthBytes;
    private @Nullable String broken;

    /**
     * Creates the driver side and resets the ring.
     *
     * @param eventIdx whether VIRTIO_F_EVENT_IDX is negotiated
     * @throws RingViolationException when the layout does not lie in the memory
     */
    public DriverQueue(RingMemory memory, QueueLayout layout, boolean eventIdx) {
        this.eventIdx = eventIdx;
        sizeDescriptors = layout.sizeDescriptors();
        indexMask = sizeDescriptors - 1;
        ByteBuffer table =
                memory.slice(layout.descriptorTableAddress(), layout.descriptorTableBytes());
        available = memory.slice(layout.availableRingAddress(), layout.availableRingBytes());
        used = memory.slice(layout.usedRingAddress(), layout.usedRingBytes());
        usedEventOffset = layout.availableRingBytes() - Short.BYTES;
        availEventOffset = layout.usedRingBytes() - Short.BYTES;
        state = new byte[sizeDescriptors];
        zero(table);
        zero(available);
        zero(used);
        VarHandle.fullFence();
        chains = new DescriptorChains(memory, table, sizeDescriptors);
    }

    private static void zero(ByteBuffer area) {
        for (int i = 0; i < area.capacity(); i++) {
            area.put(i, (byte) 0);
        }
    }

    /** Number of descriptors of the ring. */
    public int sizeDescriptors() {
        return sizeDescriptors;
    }

    /** Number of descriptors that no chain uses. */
    public int freeDescriptors() {
        return chains.freeDescriptors();
    }

    /** Number of chains that were published and not yet taken back. */
    public int outstandingChains() {
        return outstandingChains;
    }

    /** Whether this head was published and its completion not yet taken. */
    public boolean isOutstanding(int head) {
        return head >= 0 && head < sizeDescriptors && state[head] == OUTSTANDING;
    }

    /** Whether the device broke the ring. */
    public boolean isBroken() {
        return broken != null;
    }

    /**
     * Links a chain of buffers, first those that the device reads, then those that it writes. The chain
     * is not yet published.
     *
     * @param addresses address of each buffer
     * @param lengthsBytes length of each buffer, at least 1
     * @return the head, or -1 when there are too few free descriptors
     * @throws IllegalArgumentException when the counts or lengths make no chain
     */
    public int add(long[] addresses, int[] lengthsBytes, int readableCount, int writableCount) {
        return added(chains.add(addresses, lengthsBytes, readableCount, writableCount));
    }

    /**
     * Links a chain through a table of its own in ring memory, so that it takes one descriptor only
     * (section 2.7.5.3). The table is the chain's until its completion is taken.
     *
     * @param tableAddress where the table goes
     * @param tableLengthBytes room for it, at least 16 bytes a buffer
     * @return the head, or -1 when no descriptor is free
     * @throws IllegalArgumentException as {@link #add}, and when the table is too short
     */
    public int addIndirect(
            long tableAddress,
            int tableLengthBytes,
            long[] addresses,
            int[] lengthsBytes,
            int readableCount,
            int writableCount) {
        return added(
                chains.addIndirect(
                        tableAddress,
                        tableLengthBytes,
                        addresses,
                        lengthsBytes,
                        readableCount,
                        writableCount));
    }

    private int added(int head) {
        if (head >= 0) {
            state[head] = ADDED;
        }
        return head;
    }

    /**
     * Puts an added chain into the available ring; the device sees it after the next {@link #flush}.
     *
     * @throws IllegalStateException when the head was not added, or is published already
     */
    public void publish(int head) {
        checkHealthy();
        if (head < 0 || head >= sizeDescriptors || state[head] != ADDED) {
            throw new IllegalStateException("head " + head + " is not an added chain");
        }
        int slot = (int) publishedCount & indexMask;
        RingFields.setU16(available, RingArea.RING + slot * RingArea.AVAILABLE_ELEMENT_BYTES, head);
        state[head] = OUTSTANDING;
        outstandingChains++;
        publishedCount++;
    }

    /** Shows all published chains to the device: one store of the index, with release ordering. */
    public void flush() {
        if (flushedCount != publishedCount) {
            flushedCount = publishedCount;
            RingFields.set16Release(available, RingArea.IDX, (int) flushedCount);
        }
    }

    /** Index of the available ring behind the last chain that was shown to the device, 0 to 65535. */
    public int publishedIndex() {
        return (int) flushedCount & RingArea.U16_MASK;
    }

    /**
     * Whether the device wants a kick for what was flushed since the last call (sections 2.7.7.2 and
     * 2.7.10).
     */
    public boolean shouldKick() {
        long old = kickTestedCount;
        if (old == flushedCount) {
            return false;
        }
        kickTestedCount = flushedCount;
        // The index must be visible before the device's wish is read, or both sides may go to
        // sleep.
        VarHandle.fullFence();
        if (eventIdx) {
            int event = RingFields.get16Acquire(used, availEventOffset);
            return RingArea.eventPassed(event, flushedCount, old);
        }
        return (RingFields.get16Acquire(used, RingArea.FLAGS) & RingArea.FLAG_SUPPRESS) == 0;
    }

    /**
     * Takes the next completed chain and frees its descriptors.
     *
     * @return its head, or -1 when there is none now
     * @throws RingViolationException when the used ring holds what no device writes
     */
    public int takeUsed() {
        checkHealthy();
        if (takenCount == usedSeenCount && !lookForUsed()) {
            return -1;
        }
        int slot = (int) takenCount & indexMask;
        int at = RingArea.RING + slot * RingArea.USED_ELEMENT_BYTES;
        long id = RingFields.getU32(used, at);
        long length = RingFields.getU32(used, at + Integer.BYTES);
        if (id >= sizeDescriptors || state[(int) id] != OUTSTANDING) {
            throw violation(
                    "used.ring[" + slot + "].id is " + id + ", which is no outstanding chain");
        }
        int head = (int) id;
        if (length > chains.writableBytes(head)) {
            throw violation(
                    "used.ring[%s].len is %s, but chain %s has room for %s bytes"
                            .formatted(slot, length, head, chains.writableBytes(head)));
        }
        takenCount++;
        outstandingChains--;
        state[head] = FREE;
        chains.free(head);
        usedLengthBytes = length;
        return head;
    }

    /** Bytes that the device wrote into the chain that {@link #takeUsed} returned last. */
    public long usedLengthBytes() {
        return usedLengthBytes;
    }

    private boolean lookForUsed() {
        int index = RingFields.get16Acquire(used, RingArea.IDX);
        int ahead = (index - (int) takenCount) & RingArea.U16_MASK;
        // Only chains that the device can have seen can be completed.
        long visible = flushedCount - takenCount;
        if (ahead > visible) {
            throw violation(
                    "used.idx is %s, %s ahead, but only %s chains are outstanding"
                            .formatted(index, ahead, visible));
        }
        usedSeenCount = takenCount + ahead;
        return ahead > 0;
    }

    /**
     * Asks the device to notify when it completes the next chain.
     *
     * @return true when completions arrived before the device could know: take them first
     */
    public boolean enableNotifications() {
        checkHealthy();
        if (eventIdx) {
            RingFields.set16Release(available, usedEventOffset, (int) takenCount);
        } else {
            RingFields.set16Release(available, RingArea.FLAGS, 0);
        }
        // The wish must be visible before the index is read again, or both sides may go to sleep.
        VarHandle.fullFence();
        return takenCount != usedSeenCount || lookForUsed();
    }

    /** Tells the device that notifications are not needed; some may still come. */
    public void disableNotifications() {
        if (eventIdx) {
            // An index already passed: it comes up again after 65535 completions only.
            RingFields.set16Release(available, usedEventOffset, (int) takenCount - 1);
        } else {
            RingFields.set16Release(available, RingArea.FLAGS, RingArea.FLAG_SUPPRESS);
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
