package io.chainring.ring.virtqueue;

import io.chainring.ring.memory.RingMemory;
import io.chainring.ring.memory.RingRegion;
import java.nio.ByteBuffer;

/**
 * The driver's descriptors: which are free, and how those of a chain are linked. The links are kept
 * in a private copy too, because the device could overwrite those in the table (virtio 1.2, section
 * 2.7.5).
 */
final class DescriptorChains {
    /** Longest chain in bytes (section 2.7.5.2). */
    private static final long MAX_CHAIN_BYTES = 1L << 32;

    private final RingMemory memory;
    private final ByteBuffer descriptors;
    private final int sizeDescriptors;

    /** Links of the free descriptors, and of each chain up to its tail. */
    private final int[] next;

    private final int[] tail;
    private final int[] descriptorCount;
    private final long[] writableBytes;

    private int freeHead;
    private int freeCount;

    DescriptorChains(RingMemory memory, ByteBuffer descriptors, int sizeDescriptors) {
        this.memory = memory;
        this.descriptors = descriptors;
        this.sizeDescriptors = sizeDescriptors;
        next = new int[sizeDescriptors];
        tail = new int[sizeDescriptors];
        descriptorCount = new int[sizeDescriptors];
        writableBytes = new long[sizeDescriptors];
        for (int i = 0; i < sizeDescriptors; i++) {
            next[i] = i + 1;
        }
        freeCount = sizeDescriptors;
    }

    int freeDescriptors() {
        return freeCount;
    }

    long writableBytes(int head) {
        return writableBytes[head];
    }

    void free(int head) {
        next[tail[head]] = freeHead;
        freeHead = head;
        freeCount += descriptorCount[head];
    }

    /** Links a chain; -1 when there are too few free descriptors. */
    int add(long[] addresses, int[] lengthsBytes, int readableCount, int writableCount) {
        int count = checkedCount(addresses, lengthsBytes, readableCount, writableCount);
        if (count > freeCount) {
            return -1;
        }
        int head = freeHead;
        int index = head;
        int last = head;
        for (int i = 0; i < count; i++) {
            last = index;
            index = next[index];
            int flags = i < readableCount ? 0 : Descriptor.FLAG_WRITE;
            int link = 0;
            if (i < count - 1) {
                flags |= Descriptor.FLAG_NEXT;
                link = index;
            }
            Descriptor.write(
                    descriptors,
                    last * Descriptor.BYTES,
                    addresses[i],
                    lengthsBytes[i],
                    flags,
                    link);
        }
        allocate(head, last, count, sumOf(lengthsBytes, readableCount, count));
        return head;
    }

    /** Links a chain through a table in ring memory; -1 when no descriptor is free. */
    int addIndirect(
            long tableAddress,
            int tableLengthBytes,
            long[] addresses,
            int[] lengthsBytes,
            int readableCount,
            int writableCount) {
        int count = checkedCount(addresses, lengthsBytes, readableCount, writableCount);
        int neededBytes = count * Descriptor.BYTES;
        if (tableLengthBytes < neededBytes) {
            throw new IllegalArgumentException(
                    "an indirect table of %s bytes is too short for %s"
                            .formatted(tableLengthBytes, count));
        }
        if (freeCount == 0) {
            return -1;
        }
        RingRegion region = memory.regionOf(tableAddress, neededBytes);
        ByteBuffer table = region.bytes();
        int offset = region.offsetOf(tableAddress);
        for (int i = 0; i < count; i++) {
            int flags = i < readableCount ? 0 : Descriptor.FLAG_WRITE;
            int link = 0;
            if (i < count - 1) {
                flags |= Descriptor.FLAG_NEXT;
                link = i + 1;
            }
            int at = offset + i * Descriptor.BYTES;
            Descriptor.write(table, at, addresses[i], lengthsBytes[i], flags, link);
        }
        int head = freeHead;
        Descriptor.write(
                descriptors,
                head * Descriptor.BYTES,
                tableAddress,
                neededBytes,
                Descriptor.FLAG_INDIRECT,
                0);
        allocate(head, head, 1, sumOf(lengthsBytes, readableCount, count));
        return head;
    }

    private int checkedCount(
            long[] addresses, int[] lengths, int readableCount, int writableCount) {
        // A chain is never longer than the ring, not even through a table (section 2.7.5.3.1).
        if (readableCount < 0
                || writableCount < 0
                || readableCount > sizeDescriptors
                || writableCount > sizeDescriptors - readableCount
                || readableCount + writableCount == 0) {
            throw new IllegalArgumentException(
                    "no chain has %s readable and %s writable buffers"
                            .formatted(readableCount, writableCount));
        }
        int count = readableCount + writableCount;
        if (addresses.length < count || lengths.length < count) {
            throw new IllegalArgumentException(
                    "fewer addresses or lengths than " + count + " buffers");
        }
        for (int i = 0; i < count; i++) {
            if (lengths[i] <= 0) {
                throw new IllegalArgumentException("buffer " + i + " has " + lengths[i] + " bytes");
            }
        }
        if (sumOf(lengths, 0, count) > MAX_CHAIN_BYTES) {
            throw new IllegalArgumentException("a chain is at most 2^32 bytes long");
        }
        return count;
    }

    private static long sumOf(int[] lengthsBytes, int from, int to) {
        long sum = 0;
        for (int i = from; i < to; i++) {
            sum += lengthsBytes[i];
        }
        return sum;
    }

    private void allocate(int head, int last, int count, long writable) {
        freeHead = next[last];
        freeCount -= count;
        tail[head] = last;
        descriptorCount[head] = count;
        writableBytes[head] = writable;
    }
}
