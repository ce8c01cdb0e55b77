package io.chainring.ring.slab;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who may take how many of a fixed number of slabs: the place where one client's appetite is kept from costing others
 * their memory. Counts only; one thread at a time.
 *
 * <pre>
 *   all slabs = guaranteed to rings, open or still to come (taken or not) + extra slabs taken + free
 * </pre>
 *
 * <ul>
 *   <li>An open ring may always take its guaranteed slabs. They are set aside for a number of rings from the beginning, so
 *       that the first request of every client finds room whatever others hold; further rings open as long as there
 *       are free ones.
 *   <li>Beyond that a ring may have at most as many extra slabs as are free behind it, and a disk, all its rings
 *       together, twice as many. So one ring alone gets half of what is not guaranteed, two get a third each, n of
 *       them an n+1st part; what is over stays free for whoever comes.
 *   <li>The limits fall when others come. Who is above its limit gets no more until it has given back enough; who is
 *       below finds what was given back.
 * </ul>
 *
 * The rule is the dynamic threshold of shared packet buffers (Choudhury and Hahne, 1998): it needs no list of who is
 * how hungry, and no memory that somebody holds is ever taken away.
 */
final class SlabShareCore {
    private static final int DISK_FACTOR = 2;

    private final int slabs;
    private final int guaranteedEach;
    private final int guaranteedRings;
    private final Map<String, Disk> disks = new HashMap<>();
    private int rings;
    private int extra;

    private static final class Disk {
        private final String name;
        private int rings;
        private int extra;

        Disk(String name) {
            this.name = name;
        }
    }

    /** What one ring has. */
    static final class Share {
        private final Disk disk;
        private int held;

        private Share(Disk disk) {
            this.disk = disk;
        }

        /** Slabs that it has at present. */
        int held() {
            return held;
        }
    }

    /**
     * @param slabs all there are, at least those that are guaranteed
     * @param guaranteedEach slabs that each open ring can count on, at least 1
     * @param guaranteedRings rings for which they are set aside, at least 1
     */
    SlabShareCore(int slabs, int guaranteedEach, int guaranteedRings) {
        if (guaranteedEach < 1
                || guaranteedRings < 1
                || slabs < (long) guaranteedEach * guaranteedRings) {
            throw new IllegalArgumentException(
                    "%s slabs, %s of them for each of %s rings"
                            .formatted(slabs, guaranteedEach, guaranteedRings));
        }
        this.guaranteedRings = guaranteedRings;
        this.slabs = slabs;
        this.guaranteedEach = guaranteedEach;
    }

    /** A ring opens; null when its guarantee cannot be given. */
    @Nullable Share open(String disk) {
        if (rings >= guaranteedRings && free() < guaranteedEach) {
            return null;
        }
        rings++;
        Disk owner = disks.computeIfAbsent(disk, Disk::new);
        owner.rings++;
        return new Share(owner);
    }

    /** A ring closes; it has given everything back. */
    void close(Share share) {
        if (share.held != 0) {
            throw new IllegalStateException("a ring closes with " + share.held + " slabs");
        }
        rings--;
        if (--share.disk.rings == 0) {
            disks.remove(share.disk.name);
        }
    }

    /** Slabs that are neither taken nor guaranteed to anybody. */
    int free() {
        return slabs - guaranteed() - extra;
    }

    /** Slabs that are guaranteed to rings, taken or not. */
    int guaranteed() {
        return Math.max(rings, guaranteedRings) * guaranteedEach;
    }

    /** Whether a ring may have one more now. */
    boolean mayTake(Share share) {
        int beyond = share.held - guaranteedEach;
        int free = free();
        return beyond < 0
                || (free > 0 && beyond < free && share.disk.extra < (long) DISK_FACTOR * free);
    }

    /** It has one more. */
    void took(Share share) {
        if (!mayTake(share)) {
            throw new IllegalStateException("a slab beyond its share");
        }
        if (++share.held > guaranteedEach) {
            share.disk.extra++;
            extra++;
        }
    }

    /** It has one less. */
    void gaveBack(Share share) {
        if (share.held == 0) {
            throw new IllegalStateException("a slab that it did not have");
        }
        if (share.held-- > guaranteedEach) {
            share.disk.extra--;
            extra--;
        }
    }
}
