package io.chainring.ring.frontend;

import io.chainring.ring.memory.DirectRingMemory;
import io.chainring.ring.slab.SlabPool;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Payload memory of one ring: slabs of {@value #SLAB_BYTES} bytes that are lent by the process's {@link SlabPool} and
 * added to the ring's memory as they are needed, up to a limit of its own, and handed out in blocks of a power of two
 * from {@value #SMALLEST_BLOCK_BYTES} bytes to a whole slab (a buddy allocator per slab, so neighbours grow together
 * again). A request larger than a slab gets several slabs; one segment each. A slab without a used block goes back, but
 * for one that is kept: a ring whose requests come one by one takes and gives none.
 *
 * <p>At the limit, or beyond the ring's fair share, {@link #allocate} says no and the client holds back (invariant I10).
 * Thread-safe.
 */
public final class PayloadPool {
    /** Size of a slab and largest block, in bytes. */
    public static final int SLAB_BYTES = SlabPool.SLAB_BYTES;

    /** Smallest block, in bytes. */
    public static final int SMALLEST_BLOCK_BYTES = 1 << 12;

    private static final int ORDERS = 6;

    private final DirectRingMemory memory;
    private final long limitBytes;
    private final SlabPool.Lease lease;
    private final List<ArrayDeque<Block>> free = new ArrayList<>(ORDERS);
    private final Set<Block> slabs = new HashSet<>();
    private final List<Payload> live = new ArrayList<>();
    private long usedBytes;
    private boolean retired;
    private boolean ended;

    /** A pool that shares its memory with no other ring. */
    public PayloadPool(DirectRingMemory memory, long limitBytes) {
        this(memory, limitBytes, SlabPool.unshared(limitBytes));
    }

    /**
     * @param memory the ring's memory; slabs become regions of it
     * @param limitBytes most payload memory, at least one slab; what is left over from whole slabs is not used
     * @param lease where slabs come from; ended with this pool
     */
    public PayloadPool(DirectRingMemory memory, long limitBytes, SlabPool.Lease lease) {
        if (limitBytes < SLAB_BYTES) {
            throw new IllegalArgumentException(
                    "payload limit of %s bytes is below one slab of %s bytes"
                            .formatted(limitBytes, SLAB_BYTES));
        }
        this.memory = memory;
        this.limitBytes = limitBytes / SLAB_BYTES * SLAB_BYTES;
        this.lease = lease;
        for (int order = 0; order < ORDERS; order++) {
            free.add(new ArrayDeque<>());
        }
    }

    /** Most bytes that may ever be handed out at once. */
    public long limitBytes() {
        return limitBytes;
    }

    /** Bytes that can be handed out whatever other rings have, as long as this one has nothing: its guarantee. */
    public int guaranteedBytes() {
        return SlabPool.GUARANTEED_SLABS * SLAB_BYTES;
    }

    /** Bytes handed out at present, rounded up to blocks. */
    public synchronized long usedBytes() {
        return usedBytes;
    }

    /**
     * Hands out memory; its content is whatever an earlier request left there.
     *
     * @param lengthBytes at least 1
     * @return null when the pool is at its limit or above its share: try again after a release. Up
     *     to {@link #guaranteedBytes} are never refused while nothing is handed out
     * @throws IllegalArgumentException when the limit could never hold that many bytes
     * @throws IllegalStateException when the process has no direct memory left and no release is to come
     */
    public synchronized @Nullable Payload allocate(int lengthBytes) {
        if (lengthBytes < 1 || lengthBytes > limitBytes) {
            throw new IllegalArgumentException(
                    "payload of %s bytes: allowed are 1 to %s bytes"
                            .formatted(lengthBytes, limitBytes));
        }
        int whole = (lengthBytes - 1) / SLAB_BYTES;
        if (retired) {
            return null;
        }
        long othersBytes = usedBytes;
        Block[] blocks = new Block[whole + 1];
        int rest = lengthBytes;
        for (int i = 0; i < blocks.length; i++) {
            Block block = take(orderFor(Math.min(rest, SLAB_BYTES)), othersBytes);
            if (block == null) {
                giveBack(blocks, i);
                return null;
            }
            blocks[i] = block;
            rest -= block.sizeBytes();
        }
        Payload payload = new Payload(this, blocks, lengthBytes);
        payload.place(live.size());
        live.add(payload);
        return payload;
    }

    synchronized void free(Payload payload, Block[] blocks) {
        if (ended || !retired) {
            Payload last = live.remove(live.size() - 1);
            if (!last.equals(payload)) {
                live.set(payload.place(), last);
                last.place(payload.place());
            }
            giveBack(blocks, blocks.length);
        }
    }

    /** Hands out nothing any more, and takes nothing back: the device may go on using what was handed out. */
    synchronized void retire() {
        retired = true;
    }

    /**
     * The ring is gone and nothing runs in its memory: what is not in the client's hands goes back at once, the rest when
     * the client releases it.
     */
    synchronized void end() {
        if (ended) {
            return;
        }
        retired = true;
        ended = true;
        for (Payload payload : List.copyOf(live)) {
            payload.endRing();
        }
        List.copyOf(slabs).forEach(this::giveSlabBackIfFree);
        lease.close();
    }

    /** The ring is lost and who uses its memory is not known: it goes back when nothing refers to it. */
    synchronized void abandon() {
        if (ended) {
            return;
        }
        retired = true;
        List<SlabPool.Slab> lost = new ArrayList<>();
        slabs.forEach(block -> lost.add(block.slab()));
        slabs.clear();
        free.forEach(ArrayDeque::clear);
        lease.abandon(lost);
    }

    private void giveBack(Block[] blocks, int count) {
        for (int i = 0; i < count; i++) {
            put(blocks[i]);
        }
    }

    private static int orderFor(int lengthBytes) {
        int order = 0;
        while (SMALLEST_BLOCK_BYTES << order < lengthBytes) {
            order++;
        }
        return order;
    }

    private @Nullable Block take(int order, long othersBytes) {
        int from = order;
        while (from < ORDERS && free.get(from).isEmpty()) {
            from++;
        }
        Block block = from < ORDERS ? free.get(from).pop() : newSlab(othersBytes);
        if (block == null) {
            return null;
        }
        block.free = false;
        while (block.order > order) {
            Block[] halves = block.split();
            halves[1].free = true;
            free.get(halves[1].order).push(halves[1]);
            block = halves[0];
        }
        usedBytes += block.sizeBytes();
        return block;
    }

    private void put(Block released) {
        usedBytes -= released.sizeBytes();
        Block block = released;
        while (block.parent != null && block.buddy().free) {
            Block buddy = block.buddy();
            free.get(buddy.order).remove(buddy);
            buddy.free = false;
            block = block.parent;
        }
        block.free = true;
        free.get(block.order).push(block);
        if (block.parent == null && (ended || free.get(ORDERS - 1).size() > 1)) {
            giveSlabBackIfFree(block);
        }
    }

    private void giveSlabBackIfFree(Block root) {
        if (root.free && slabs.remove(root)) {
            free.get(root.order).remove(root);
            memory.releaseRegion(root.addressBytes);
            lease.giveBack(root.slab());
        }
    }

    private @Nullable Block newSlab(long othersBytes) {
        if ((slabs.size() + 1L) * SLAB_BYTES > limitBytes) {
            return null;
        }
        SlabPool.Slab slab;
        try {
            slab = lease.take();
        } catch (OutOfMemoryError e) {
            if (othersBytes > 0) {
                return null;
            }
            throw new IllegalStateException(
                    "no direct memory is left for a client's payload: raise -XX:MaxDirectMemorySize, or lower"
                            + " chainring.ring.memory-budget",
                    e);
        }
        if (slab == null) {
            return null;
        }
        long address = memory.addRegion(slab.bytes().duplicate());
        Block block = new Block(memory.slice(address, SLAB_BYTES), address, ORDERS - 1, null, slab);
        slabs.add(block);
        return block;
    }

    /** One block of a slab: a node of its buddy tree, split lazily and for good. */
    static final class Block {
        private final ByteBuffer bytes;
        private final long addressBytes;
        private final int order;
        private final @Nullable Block parent;
        private Block @Nullable [] halves;
        private final SlabPool.@Nullable Slab slab;
        private boolean free;

        Block(
                ByteBuffer bytes,
                long addressBytes,
                int order,
                @Nullable Block parent,
                SlabPool.@Nullable Slab slab) {
            this.slab = slab;
            this.bytes = bytes;
            this.addressBytes = addressBytes;
            this.order = order;
            this.parent = parent;
        }

        int sizeBytes() {
            return SMALLEST_BLOCK_BYTES << order;
        }

        long addressBytes() {
            return addressBytes;
        }

        private SlabPool.Slab slab() {
            SlabPool.Slab present = slab;
            if (present == null) {
                throw new IllegalStateException("a part of a slab has no slab of its own");
            }
            return present;
        }

        ByteBuffer view(int lengthBytes) {
            return bytes.slice(0, lengthBytes).order(ByteOrder.LITTLE_ENDIAN);
        }

        private Block[] split() {
            Block[] present = halves;
            if (present == null) {
                int half = sizeBytes() / 2;
                present =
                        new Block[] {
                            new Block(bytes.slice(0, half), addressBytes, order - 1, this, null),
                            new Block(
                                    bytes.slice(half, half),
                                    addressBytes + half,
                                    order - 1,
                                    this,
                                    null)
                        };
                halves = present;
            }
            return present;
        }

        private Block buddy() {
            Block above = parent;
            Block[] pair = above == null ? null : above.halves;
            if (pair == null) {
                throw new IllegalStateException("a whole slab has no buddy");
            }
            return pair[0] == this ? pair[1] : pair[0];
        }
    }
}
