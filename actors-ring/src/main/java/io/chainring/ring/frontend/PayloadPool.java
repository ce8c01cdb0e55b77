package io.chainring.ring.frontend;

import io.chainring.ring.memory.DirectRingMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Payload memory of one ring: slabs of {@value #SLAB_BYTES} bytes added to the ring's memory as they are needed, up to
 * a limit, and handed out in blocks of a power of two from {@value #SMALLEST_BLOCK_BYTES} bytes to a whole slab (a
 * buddy allocator per slab, so neighbours grow together again). A request larger than a slab gets several slabs; one
 * segment each.
 *
 * <p>At the limit {@link #allocate} says no and the client holds back (invariant I10). Thread-safe.
 */
public final class PayloadPool {
    /** Size of a slab and largest block, in bytes. */
    public static final int SLAB_BYTES = 1 << 20;

    /** Smallest block, in bytes. */
    public static final int SMALLEST_BLOCK_BYTES = 1 << 12;

    private static final int ORDERS = 9;

    private final DirectRingMemory memory;
    private final long limitBytes;
    private final List<ArrayDeque<Block>> free = new ArrayList<>(ORDERS);
    private long slabBytes;
    private long usedBytes;
    private boolean retired;

    /**
     * @param memory the ring's memory; slabs become regions of it
     * @param limitBytes most payload memory, at least one slab; what is left over from whole slabs is not used
     */
    public PayloadPool(DirectRingMemory memory, long limitBytes) {
        if (limitBytes < SLAB_BYTES) {
            throw new IllegalArgumentException(
                    "payload limit of "
                            + limitBytes
                            + " bytes is below one slab of "
                            + SLAB_BYTES
                            + " bytes");
        }
        this.memory = memory;
        this.limitBytes = limitBytes / SLAB_BYTES * SLAB_BYTES;
        for (int order = 0; order < ORDERS; order++) {
            free.add(new ArrayDeque<>());
        }
    }

    /** Most bytes that may ever be handed out at once. */
    public long limitBytes() {
        return limitBytes;
    }

    /** Bytes handed out at present, rounded up to blocks. */
    public synchronized long usedBytes() {
        return usedBytes;
    }

    /**
     * Hands out memory; its content is whatever an earlier request left there.
     *
     * @param lengthBytes at least 1
     * @return null when the pool is at its limit, or the process has no direct memory left: try again after a release
     * @throws IllegalArgumentException when the limit could never hold that many bytes
     * @throws IllegalStateException when the process has no direct memory left and no release is to come
     */
    public synchronized @Nullable Payload allocate(int lengthBytes) {
        if (lengthBytes < 1 || lengthBytes > limitBytes) {
            throw new IllegalArgumentException(
                    "payload of "
                            + lengthBytes
                            + " bytes: allowed are 1 to "
                            + limitBytes
                            + " bytes");
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
        return new Payload(this, blocks, lengthBytes);
    }

    synchronized void free(Block[] blocks) {
        if (!retired) {
            giveBack(blocks, blocks.length);
        }
    }

    /** Hands out nothing any more, and takes nothing back: the device may go on using what was handed out. */
    synchronized void retire() {
        retired = true;
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
    }

    private @Nullable Block newSlab(long othersBytes) {
        if (slabBytes + SLAB_BYTES > limitBytes) {
            return null;
        }
        long address;
        try {
            address = memory.allocateRegion(SLAB_BYTES);
        } catch (OutOfMemoryError e) {
            if (othersBytes > 0) {
                return null;
            }
            throw new IllegalStateException(
                    "no direct memory is left for a client's payload: raise -XX:MaxDirectMemorySize, or allow fewer"
                            + " clients or less payload-limit",
                    e);
        }
        slabBytes += SLAB_BYTES;
        return new Block(memory.slice(address, SLAB_BYTES), address, ORDERS - 1, null);
    }

    /** One block of a slab: a node of its buddy tree, split lazily and for good. */
    static final class Block {
        private final ByteBuffer bytes;
        private final long addressBytes;
        private final int order;
        private final @Nullable Block parent;
        private Block @Nullable [] halves;
        private boolean free;

        Block(ByteBuffer bytes, long addressBytes, int order, @Nullable Block parent) {
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

        ByteBuffer view(int lengthBytes) {
            return bytes.slice(0, lengthBytes).order(ByteOrder.LITTLE_ENDIAN);
        }

        private Block[] split() {
            Block[] present = halves;
            if (present == null) {
                int half = sizeBytes() / 2;
                present =
                        new Block[] {
                            new Block(bytes.slice(0, half), addressBytes, order - 1, this),
                            new Block(bytes.slice(half, half), addressBytes + half, order - 1, this)
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
