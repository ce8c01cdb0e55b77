package io.chainring.ring.supervise;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The rings of one disk, from the wish to open one until its frontend has stopped, in the order of the wishes. */
final class OpenRings {
    private final Map<Long, RingLife> rings = new LinkedHashMap<>();

    /** A copy: whoever goes through it may change what is here. */
    Collection<RingLife> all() {
        return List.copyOf(rings.values());
    }

    /** One that is not here any more is no error. */
    void find(long ringId, Consumer<RingLife> then) {
        RingLife ring = rings.get(ringId);
        if (ring != null) {
            then.accept(ring);
        }
    }

    /** Notes a wish, which waits for the rings that are closing now (I9). */
    void wish(long ringId, long nowNanos) {
        Set<Long> waitsFor = new HashSet<>();
        for (RingLife ring : rings.values()) {
            if (ring.is(RingLife.State.CLOSING)) {
                waitsFor.add(ring.ringId);
            }
        }
        rings.putIfAbsent(ringId, new RingLife(ringId, nowNanos, waitsFor));
    }

    /** The ring is drained: no wish waits for it any more. */
    void drained(long ringId) {
        rings.values().forEach(ring -> ring.waitsFor.remove(ringId));
    }

    void remove(RingLife ring) {
        rings.remove(ring.ringId);
    }

    /** Rings that hold a place among those that the backend takes. */
    List<Long> heldIds() {
        return rings.values().stream().filter(RingLife::isHeld).map(ring -> ring.ringId).toList();
    }

    boolean anyIsClosing() {
        return rings.values().stream().anyMatch(ring -> ring.is(RingLife.State.CLOSING));
    }

    boolean isEmpty() {
        return rings.isEmpty();
    }
}
