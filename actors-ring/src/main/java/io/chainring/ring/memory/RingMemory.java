package io.chainring.ring.memory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory that both sides of a ring reach by 64-bit addresses: our own direct buffers, a mapped file,
 * a guest's memory table. It is a list of regions; between regions that were added by {@link
 * #addRegion} lie guard gaps, so that a range which runs over an end never lands in a neighbour.
 *
 * <p>Addresses and lengths may come from an untrusted side: whatever does not lie within <em>one</em>
 * region, or is not aligned where an ordering needs it, throws {@link RingViolationException}. Reading
 * and writing is safe from any thread while regions are added; the ordering of the data itself is the
 * caller's matter. Code on the hot path resolves its structures once ({@link #slice}, {@link
 * #regionAt}) and then uses {@link RingFields}.
 */
public interface RingMemory {

    /**
     * The region that holds the byte at this address.
     *
     * @throws RingViolationException when no region does
     */
    RingRegion regionAt(long addressBytes);

    /**
     * Adds a region at an address of this memory's choice and returns that address. The part of the
     * buffer between position and limit is used, and must start at a multiple of 16 bytes.
     *
     * @throws IllegalArgumentException when the buffer is not direct, empty, read-only or misaligned
     * @throws IllegalStateException when the limit of regions is reached
     */
    long addRegion(ByteBuffer direct);

    /**
     * Adds a region at an address that the other side chose (an entry of a guest's memory table).
     * Regions may touch each other, and must not overlap.
     *
     * @throws RingViolationException when the address is negative, not a multiple of 16, or overlaps
     * @throws IllegalArgumentException when the buffer is not direct, empty, read-only or misaligned
     * @throws IllegalStateException when the limit of regions is reached
     */
    void addRegionAt(long baseAddress, ByteBuffer direct);

    /**
     * The region that holds the whole range.
     *
     * @throws RingViolationException when the range does not lie within one region
     */
    default RingRegion regionOf(long addressBytes, long lengthBytes) {
        RingRegion region = regionAt(addressBytes);
        if (!region.contains(addressBytes, lengthBytes)) {
            throw new RingViolationException(
                    String.format(
                            "range of %s bytes at address 0x%s does not lie within one region of ring "
                                    + "memory",
                            lengthBytes, Long.toHexString(addressBytes)));
        }
        return region;
    }

    /**
     * A little-endian view of exactly this range; its positions count from the range's start.
     *
     * @throws RingViolationException when the range does not lie within one region
     */
    default ByteBuffer slice(long addressBytes, int lengthBytes) {
        RingRegion region = regionOf(addressBytes, lengthBytes);
        return region.bytes()
                .slice(region.offsetOf(addressBytes), lengthBytes)
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Reads an unsigned 16-bit field, plain. */
    default int getU16(long addressBytes) {
        RingRegion region = regionOf(addressBytes, Short.BYTES);
        return RingFields.getU16(region.bytes(), region.offsetOf(addressBytes));
    }

    /** Writes the low 16 bits of {@code value}, plain. */
    default void setU16(long addressBytes, int value) {
        RingRegion region = regionOf(addressBytes, Short.BYTES);
        RingFields.setU16(region.bytes(), region.offsetOf(addressBytes), value);
    }

    /** Reads an unsigned 32-bit field, plain. */
    default long getU32(long addressBytes) {
        RingRegion region = regionOf(addressBytes, Integer.BYTES);
        return RingFields.getU32(region.bytes(), region.offsetOf(addressBytes));
    }

    /** Writes the low 32 bits of {@code value}, plain. */
    default void setU32(long addressBytes, long value) {
        RingRegion region = regionOf(addressBytes, Integer.BYTES);
        RingFields.setU32(region.bytes(), region.offsetOf(addressBytes), value);
    }

    /** Reads a 64-bit field, plain. */
    default long getU64(long addressBytes) {
        RingRegion region = regionOf(addressBytes, Long.BYTES);
        return RingFields.getU64(region.bytes(), region.offsetOf(addressBytes));
    }

    /** Writes a 64-bit field, plain. */
    default void setU64(long addressBytes, long value) {
        RingRegion region = regionOf(addressBytes, Long.BYTES);
        RingFields.setU64(region.bytes(), region.offsetOf(addressBytes), value);
    }

    /** Reads an unsigned 16-bit field with acquire ordering; the address must be even. */
    default int get16Acquire(long addressBytes) {
        RingRegion region = evenRegionOf(addressBytes);
        return RingFields.get16Acquire(region.bytes(), region.offsetOf(addressBytes));
    }

    /** Writes 16 bits with release ordering; the address must be even. */
    default void set16Release(long addressBytes, int value) {
        RingRegion region = evenRegionOf(addressBytes);
        RingFields.set16Release(region.bytes(), region.offsetOf(addressBytes), value);
    }

    /** Reads an unsigned 16-bit field with volatile ordering; the address must be even. */
    default int get16Volatile(long addressBytes) {
        RingRegion region = evenRegionOf(addressBytes);
        return RingFields.get16Volatile(region.bytes(), region.offsetOf(addressBytes));
    }

    /** Writes 16 bits with volatile ordering; the address must be even. */
    default void set16Volatile(long addressBytes, int value) {
        RingRegion region = evenRegionOf(addressBytes);
        RingFields.set16Volatile(region.bytes(), region.offsetOf(addressBytes), value);
    }

    private RingRegion evenRegionOf(long addressBytes) {
        if ((addressBytes & 1) != 0) {
            throw new RingViolationException(
                    "address 0x"
                            + Long.toHexString(addressBytes)
                            + " of an ordered 16-bit field is odd");
        }
        return regionOf(addressBytes, Short.BYTES);
    }
}
