package io.chainring.ring.slab;

import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The payload memory of all rings that share a budget: slabs of {@value #SLAB_BYTES} bytes of direct memory, lent to
 * rings by the rule of {@link SlabShareCore}. Never more than the budget exists at once. A slab that came back is kept
 * for the next who needs one, and goes back to the system when nobody needed it for a while.
 *
 * <p>Nobody waits here. A ring that may have no more goes on with what it has, at least its guarantee, and asks again
 * when some of that has come back. Thread-safe.
 */
public final class SlabPool {
    /** Size of a slab, in bytes. */
    public static final int SLAB_BYTES = 1 << 17;

    /** Slabs that every open ring can count on. */
    public static final int GUARANTEED_SLABS = 1;

    private static final Cleaner LOST = Cleaner.create();
    private static final int PAGE_BYTES = 4096;
    private static final long TRIM_MILLIS = 1000;

    private final long budgetBytes;
    private final Executor later;
    private final SlabShareCore shares;
    private final ArrayDeque<Slab> idle = new ArrayDeque<>();
    private final Set<Lease> leases = new HashSet<>();
    private int lent;
    private int leastIdle;
    private boolean trimming;
    private long refusals;

    /** A piece of direct memory that starts at a page. */
    public static final class Slab {
        private final ByteBuffer root;
        private final ByteBuffer bytes;

        private Slab() {
            root = ByteBuffer.allocateDirect(SLAB_BYTES + PAGE_BYTES);
            int offset = root.alignmentOffset(0, PAGE_BYTES);
            bytes = root.slice(offset == 0 ? 0 : PAGE_BYTES - offset, SLAB_BYTES);
        }

        /** Its memory; not to be used once it is given back. */
        public ByteBuffer bytes() {
            return bytes;
        }
    }

    /**
     * @param budgetBytes most memory that may exist; what is left over from whole slabs is not used
     * @param guaranteedRings rings that can count on {@link #GUARANTEED_SLABS}, whatever others have
     * @throws IllegalArgumentException when the budget does not hold what is guaranteed
     */
    public SlabPool(long budgetBytes, int guaranteedRings) {
        this(
                budgetBytes,
                guaranteedRings,
                CompletableFuture.delayedExecutor(
                        TRIM_MILLIS, TimeUnit.MILLISECONDS, Runnable::run));
    }

    /**
     * @param later runs a task after a while in which what is kept may prove useless
     */
    SlabPool(long budgetBytes, int guaranteedRings, Executor later) {
        this.budgetBytes = budgetBytes / SLAB_BYTES * SLAB_BYTES;
        this.later = later;
        this.shares =
                new SlabShareCore(
                        Math.toIntExact(Math.min(Integer.MAX_VALUE, budgetBytes / SLAB_BYTES)),
                        GUARANTEED_SLABS,
                        guaranteedRings);
    }

    /** A share for a ring that shares its memory with none: it may take as much as that. */
    public static Lease unshared(long limitBytes) {
        long slabs = Math.max(GUARANTEED_SLABS, limitBytes / SLAB_BYTES);
        Lease lease = new SlabPool(2 * slabs * SLAB_BYTES, 1).open("");
        if (lease == null) {
            throw new IllegalStateException("a pool of its own refuses its only ring");
        }
        return lease;
    }

    /** What the JVM allows of direct memory, in bytes. */
    public static long directMemoryBytes() {
        return DirectMemory.limitBytes();
    }

    /**
     * A share for one ring.
     *
     * @param disk whose ring it is: disks are treated alike, whatever number of rings they have
     * @return null when the memory that a ring can count on is guaranteed to others
     */
    public synchronized @Nullable Lease open(String disk) {
        SlabShareCore.Share share = shares.open(disk);
        if (share == null) {
            return null;
        }
        Lease lease = new Lease(share);
        leases.add(lease);
        return lease;
    }

    /** Most bytes that may exist. */
    public long budgetBytes() {
        return budgetBytes;
    }

    /** Bytes that rings have. */
    public synchronized long usedBytes() {
        return (long) lent * SLAB_BYTES;
    }

    /** Bytes that no ring has and that are kept for the next. */
    public synchronized long keptBytes() {
        return (long) idle.size() * SLAB_BYTES;
    }

    /** Bytes that rings can count on, whether they have them or not. */
    public synchronized long guaranteedBytes() {
        return (long) shares.guaranteed() * SLAB_BYTES;
    }

    /** How often a ring was told that it may have no more at present. */
    public synchronized long refusals() {
        return refusals;
    }

    /** One ring's share of the memory. Thread-safe. */
    public final class Lease {
        private final SlabShareCore.Share share;
        private boolean closed;

        private Lease(SlabShareCore.Share share) {
            this.share = share;
        }

        /**
         * One more slab, its content whatever an earlier ring left there.
         *
         * @return null when this ring may have no more at present
         * @throws OutOfMemoryError when the JVM has less direct memory than it was said to have
         */
        public @Nullable Slab take() {
            synchronized (SlabPool.this) {
                if (closed || !shares.mayTake(share)) {
                    refusals++;
                    return null;
                }
                Slab slab = idle.poll();
                leastIdle = Math.min(leastIdle, idle.size());
                if (slab == null) {
                    slab = new Slab();
                }
                shares.took(share);
                lent++;
                return slab;
            }
        }

        /** Gives a slab back; nothing refers to its bytes any more. */
        public void giveBack(Slab slab) {
            synchronized (SlabPool.this) {
                shares.gaveBack(share);
                lent--;
                idle.push(slab);
                closeIfEmpty();
                trimLater();
            }
        }

        /** Takes no more; over when everything is given back. */
        public void close() {
            synchronized (SlabPool.this) {
                if (!closed) {
                    closed = true;
                    closeIfEmpty();
                }
            }
        }

        /**
         * Takes no more, and says nothing about who may still use these slabs: they count as taken until the garbage
         * collector has seen that nobody does.
         */
        public void abandon(Collection<Slab> used) {
            for (Slab slab : used) {
                LOST.register(slab.root, this::collected);
            }
            close();
        }

        private void collected() {
            synchronized (SlabPool.this) {
                shares.gaveBack(share);
                lent--;
                closeIfEmpty();
            }
        }

        private void closeIfEmpty() {
            if (closed && share.held() == 0 && leases.remove(this)) {
                shares.close(share);
            }
        }
    }

    private void trimLater() {
        if (!trimming) {
            trimming = true;
            leastIdle = idle.size();
            later.execute(this::trim);
        }
    }

    /** What was not needed since the last look goes back to the system. */
    private synchronized void trim() {
        for (int i = 0; i < leastIdle; i++) {
            DirectMemory.free(idle.removeLast().root);
        }
        trimming = false;
        if (!idle.isEmpty()) {
            trimLater();
        }
    }
}
