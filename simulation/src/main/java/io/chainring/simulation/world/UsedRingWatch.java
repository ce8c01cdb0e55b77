package io.chainring.simulation.world;

import io.chainring.simulation.history.Violation;
import io.chainring.simulation.mirror.JournalMirror;
import java.util.HashMap;
import java.util.Map;

/** Reads a ring's used elements from its memory, as they become visible to the driver (I2, I5). */
final class UsedRingWatch {
    private final SimRing ring;
    private final Map<Integer, Integer> visible = new HashMap<>();
    private int seen;

    UsedRingWatch(SimRing ring) {
        this.ring = ring;
    }

    /** Every visible completion is in the journal, and none is visible twice. */
    void look(JournalMirror mirror) {
        long used = ring.layout().usedRingAddress();
        int index = ring.map().get16Acquire(used + 2);
        while (seen != index) {
            int slot = seen & (ring.layout().sizeDescriptors() - 1);
            int head = (int) ring.map().getU32(used + 4 + 8L * slot);
            int count = visible.merge(head, 1, Integer::sum);
            Violation.check(
                    count <= mirror.completions(ring.ringId(), head),
                    "I2",
                    () ->
                            "ring "
                                    + ring.ringId()
                                    + " head "
                                    + head
                                    + " is published "
                                    + count
                                    + " times, completed in the journal "
                                    + mirror.completions(ring.ringId(), head)
                                    + " times");
            seen = (seen + 1) & 0xFFFF;
        }
    }

    boolean isVisible(JournalMirror mirror, int head) {
        look(mirror);
        return visible.getOrDefault(head, 0) == mirror.completions(ring.ringId(), head);
    }
}
