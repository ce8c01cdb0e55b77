package io.chainring.ring.virtqueue;

import io.chainring.ring.memory.RingMemory;

/** Writes the fields of a ring one by one, as a hostile side may. */
final class RawRing {
    private final RingMemory memory;
    private final QueueLayout layout;

    RawRing(RingMemory memory, QueueLayout layout) {
        this.memory = memory;
        this.layout = layout;
    }

    void descriptor(int index, long address, long lengthBytes, int flags, int next) {
        descriptorAt(layout.descriptorTableAddress(), index, address, lengthBytes, flags, next);
    }

    void descriptorAt(long table, int index, long address, long lengthBytes, int flags, int next) {
        long at = table + 16L * index;
        memory.setU64(at, address);
        memory.setU32(at + 8, lengthBytes);
        memory.setU16(at + 12, flags);
        memory.setU16(at + 14, next);
    }

    void availableIndex(int index) {
        memory.set16Release(layout.availableRingAddress() + 2, index);
    }

    void available(int slot, int head) {
        memory.setU16(layout.availableRingAddress() + 4 + 2L * slot, head);
    }

    void usedIndex(int index) {
        memory.set16Release(layout.usedRingAddress() + 2, index);
    }

    void used(int slot, long id, long lengthBytes) {
        memory.setU32(layout.usedRingAddress() + 4 + 8L * slot, id);
        memory.setU32(layout.usedRingAddress() + 8 + 8L * slot, lengthBytes);
    }
}
