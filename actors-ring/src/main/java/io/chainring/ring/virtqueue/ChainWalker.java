package io.chainring.ring.virtqueue;

import io.chainring.ring.memory.RingMemory;
import io.chainring.ring.memory.RingRegion;
import io.chainring.ring.memory.RingViolationException;
import java.nio.ByteBuffer;

/**
 * Walks a chain of descriptors that an untrusted side wrote (virtio 1.2, section 2.7.5). Each field
 * is read once; the walk ends after as many steps as the table has descriptors, whatever they say.
 */
final class ChainWalker {
    private final RingMemory memory;
    private final ByteBuffer descriptors;
    private final int sizeDescriptors;

    ChainWalker(RingMemory memory, ByteBuffer descriptors, int sizeDescriptors) {
        this.memory = memory;
        this.descriptors = descriptors;
        this.sizeDescriptors = sizeDescriptors;
    }

    void walk(int head, ChainBuffers into) {
        into.clear();
        int index = head;
        for (int steps = 0; steps < sizeDescriptors; steps++) {
            int at = index * Descriptor.BYTES;
            long address = Descriptor.address(descriptors, at);
            long length = Descriptor.length(descriptors, at);
            int flags = Descriptor.flags(descriptors, at);
            int next = Descriptor.next(descriptors, at);
            if ((flags & Descriptor.FLAG_INDIRECT) != 0) {
                if ((flags & Descriptor.FLAG_NEXT) != 0) {
                    throw descriptorViolation(
                            index, "flags", flags, "INDIRECT and NEXT exclude each other");
                }
                walkTable(index, address, length, into);
                return;
            }
            append(index, address, length, flags, into);
            if ((flags & Descriptor.FLAG_NEXT) == 0) {
                return;
            }
            if (next >= sizeDescriptors) {
                throw descriptorViolation(
                        index, "next", next, "the table has " + sizeDescriptors + " descriptors");
            }
            index = next;
        }
        throw new RingViolationException(
                "chain " + head + " is a loop: more than " + sizeDescriptors + " descriptors");
    }

    private void walkTable(int descriptor, long tableAddress, long lengthBytes, ChainBuffers into) {
        if (lengthBytes == 0 || lengthBytes % Descriptor.BYTES != 0) {
            throw descriptorViolation(
                    descriptor,
                    "len",
                    lengthBytes,
                    "an indirect table needs a multiple of 16 bytes");
        }
        long entries = lengthBytes / Descriptor.BYTES;
        if (entries > into.maxSegments()) {
            throw descriptorViolation(
                    descriptor,
                    "len",
                    lengthBytes,
                    "an indirect table may have " + into.maxSegments() + " descriptors");
        }
        RingRegion region = memory.regionAt(tableAddress);
        int index = 0;
        for (int steps = 0; steps < entries; steps++) {
            long entryAddress = tableAddress + (long) index * Descriptor.BYTES;
            if (!region.contains(entryAddress, Descriptor.BYTES)) {
                region = memory.regionOf(entryAddress, Descriptor.BYTES);
            }
            ByteBuffer table = region.bytes();
            int at = region.offsetOf(entryAddress);
            long address = Descriptor.address(table, at);
            long length = Descriptor.length(table, at);
            int flags = Descriptor.flags(table, at);
            int next = Descriptor.next(table, at);
            if ((flags & Descriptor.FLAG_INDIRECT) != 0) {
                throw descriptorViolation(
                        index, "flags", flags, "an indirect table holds another one");
            }
            append(index, address, length, flags, into);
            if ((flags & Descriptor.FLAG_NEXT) == 0) {
                return;
            }
            if (next >= entries) {
                throw descriptorViolation(
                        index, "next", next, "the indirect table has " + entries + " descriptors");
            }
            index = next;
        }
        throw new RingViolationException(
                "indirect table of descriptor %s is a loop: more than %s steps"
                        .formatted(descriptor, entries));
    }

    private void append(int index, long address, long length, int flags, ChainBuffers into) {
        if (length == 0) {
            throw descriptorViolation(index, "len", length, "a buffer must not be empty");
        }
        boolean writable = (flags & Descriptor.FLAG_WRITE) != 0;
        long from = address;
        long remaining = length;
        while (remaining > 0) {
            RingRegion region = memory.regionAt(from);
            int part = (int) Math.min(remaining, region.endAddress() - from);
            into.append(region, region.offsetOf(from), part, writable);
            from += part;
            remaining -= part;
        }
    }

    private static RingViolationException descriptorViolation(
            int index, String field, long value, String why) {
        return new RingViolationException(
                "descriptor[" + index + "]." + field + " is " + value + ": " + why);
    }
}
