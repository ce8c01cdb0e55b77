package io.chainring.ring.memory;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The regions of one ring memory, sorted by address. Readers see a consistent table without a lock:
 * adding copies the array and publishes the copy.
 */
abstract class RegionTable implements RingMemory {
    /** Address of the first region; what lies below is a guard against null addresses. */
    static final long FIRST_ADDRESS = 0x1_0000L;

    /** Least distance between two added regions, and the multiple at which they start, in bytes. */
    static final long GUARD_BYTES = 0x1_0000L;

    /** Most regions in one memory; a guest has at most 509 memory slots, our pools a few. */
    static final int MAX_REGIONS = 4096;

    private volatile RingRegion[] regions = new RingRegion[0];

    @Override
    public final RingRegion regionAt(long addressBytes) {
        RingRegion region = find(addressBytes);
        if (region == null) {
            throw new RingViolationException(
                    "address 0x"
                            + Long.toHexString(addressBytes)
                            + " lies in no region of ring memory");
        }
        return region;
    }

    private @Nullable RingRegion find(long addressBytes) {
        RingRegion[] table = regions;
        int low = 0;
        int high = table.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            RingRegion region = table[middle];
            if (addressBytes < region.baseAddress()) {
                high = middle - 1;
            } else if (addressBytes >= region.endAddress()) {
                low = middle + 1;
            } else {
                return region;
            }
        }
        return null;
    }

    @Override
    public final synchronized long addRegion(ByteBuffer direct) {
        RingRegion[] table = regions;
        long baseAddress = FIRST_ADDRESS;
        if (table.length > 0) {
            long end = table[table.length - 1].endAddress();
            if (end > Long.MAX_VALUE - 2 * GUARD_BYTES - Integer.MAX_VALUE) {
                throw new IllegalStateException(
                        "no address is left for another region of ring memory");
            }
            baseAddress = (end + 2 * GUARD_BYTES - 1) & -GUARD_BYTES;
        }
        insert(new RingRegion(baseAddress, direct), table.length);
        return baseAddress;
    }

    @Override
    public final synchronized void addRegionAt(long baseAddress, ByteBuffer direct) {
        if (baseAddress < 0
                || baseAddress % RingRegion.ALIGNMENT_BYTES != 0
                || baseAddress > Long.MAX_VALUE - direct.remaining()) {
            throw new RingViolationException(
                    "region address 0x"
                            + Long.toHexString(baseAddress)
                            + " is out of range or misaligned");
        }
        RingRegion added = new RingRegion(baseAddress, direct);
        RingRegion[] table = regions;
        int at = 0;
        while (at < table.length && table[at].endAddress() <= baseAddress) {
            at++;
        }
        if (at < table.length && table[at].baseAddress() < added.endAddress()) {
            throw new RingViolationException(
                    "region of %s bytes at address 0x%s overlaps another region of ring memory"
                            .formatted(added.lengthBytes(), Long.toHexString(baseAddress)));
        }
        insert(added, at);
    }

    private void insert(RingRegion added, int at) {
        RingRegion[] table = regions;
        if (table.length == MAX_REGIONS) {
            throw new IllegalStateException(
                    "ring memory has its limit of " + MAX_REGIONS + " regions");
        }
        RingRegion[] larger = Arrays.copyOf(table, table.length + 1);
        System.arraycopy(table, at, larger, at + 1, table.length - at);
        larger[at] = added;
        regions = larger;
    }

    /** Takes a region out: its addresses lie in no region from now on. */
    final synchronized void removeRegion(long baseAddress) {
        RingRegion[] table = regions;
        int at = 0;
        while (at < table.length && table[at].baseAddress() != baseAddress) {
            at++;
        }
        if (at == table.length) {
            throw new IllegalArgumentException(
                    "no region starts at address 0x" + Long.toHexString(baseAddress));
        }
        RingRegion[] smaller = new RingRegion[table.length - 1];
        System.arraycopy(table, 0, smaller, 0, at);
        System.arraycopy(table, at + 1, smaller, at, smaller.length - at);
        regions = smaller;
    }
}
