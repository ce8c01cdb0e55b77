package io.chainring.simulation.world;

import io.chainring.ring.memory.RingMemory;
import io.chainring.ring.memory.RingRegion;
import io.chainring.ring.memory.RingViolationException;
import io.chainring.ring.virtqueue.QueueLayout;
import io.chainring.simulation.plan.Draws;

/** What a hostile client does to the memory that it shares with the backend. */
final class Corruption {
    private Corruption() {}

    static void strike(Draws random, SimRing ring) {
        QueueLayout layout = ring.layout();
        RingMemory memory = ring.map();
        int size = layout.sizeDescriptors();
        switch (random.nextInt(7)) {
            case 0 ->
                    memory.setU16(
                            layout.availableRingAddress() + 2,
                            memory.getU16(layout.availableRingAddress() + 2)
                                    + random.nextInt(1, size + 2));
            case 1 ->
                    memory.setU16(
                            layout.availableRingAddress() + 4 + 2L * random.nextInt(size),
                            random.nextInt(size + 1));
            case 2 -> memory.setU16(layout.usedRingAddress() + 2, random.nextInt(0x10000));
            case 6 -> {
                int index = memory.getU16(layout.availableRingAddress() + 2);
                int[] heads = ring.core().introduce().heads();
                if (heads.length > 0) {
                    memory.setU16(
                            layout.availableRingAddress() + 4 + 2L * (index & (size - 1)),
                            heads[random.nextInt(heads.length)]);
                    memory.setU16(layout.availableRingAddress() + 2, index + 1);
                }
            }
            case 3 -> scribble(random, memory.regionAt(layout.descriptorTableAddress()), size * 16);
            case 4 -> {
                RingRegion region = memory.regionAt(layout.descriptorTableAddress());
                scribble(random, region, region.lengthBytes());
            }
            default -> {
                RingRegion region = bufferRegion(memory, layout, random.nextInt(size));
                scribble(random, region, region.lengthBytes());
            }
        }
    }

    /** Where a descriptor's buffer lies; the ring itself when the descriptor is garbage already. */
    private static RingRegion bufferRegion(RingMemory memory, QueueLayout layout, int descriptor) {
        try {
            return memory.regionAt(
                    memory.getU64(layout.descriptorTableAddress() + 16L * descriptor));
        } catch (RingViolationException e) {
            return memory.regionAt(layout.descriptorTableAddress());
        }
    }

    private static void scribble(Draws random, RingRegion region, int lengthBytes) {
        int bytes = random.nextInt(1, 8);
        for (int i = 0; i < bytes; i++) {
            region.bytes().put(random.nextInt(lengthBytes), (byte) random.nextInt(256));
        }
    }
}
