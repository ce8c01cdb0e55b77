package io.chainring.ring.turn;

import io.chainring.ring.execute.Chain;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rings that the present backend incarnation knows, in the order of their coming, by id and by slot. */
final class RingTable {
    private final List<AttachedRing> rings = new ArrayList<>();
    private final Map<Long, AttachedRing> byId = new HashMap<>();
    private final List<@Nullable AttachedRing> bySlot = new ArrayList<>();
    private @Nullable AttachedRing lastFound;

    List<AttachedRing> all() {
        return rings;
    }

    int count() {
        return rings.size();
    }

    /** The ring that a chain came from, which is here as long as the chain is. */
    AttachedRing of(Chain chain) {
        AttachedRing ring = byId(chain.ringId());
        if (ring == null) {
            throw new IllegalStateException("no ring holds " + chain);
        }
        return ring;
    }

    @Nullable AttachedRing byId(long ringId) {
        AttachedRing last = lastFound;
        if (last != null && last.ringId == ringId) {
            return last;
        }
        AttachedRing ring = byId.get(ringId);
        if (ring != null) {
            lastFound = ring;
        }
        return ring;
    }

    boolean holdsAll(Set<Long> ringIds) {
        for (long ringId : ringIds) {
            if (byId(ringId) == null) {
                return false;
            }
        }
        return true;
    }

    AttachedRing bySlot(int slot) {
        AttachedRing ring = slot < bySlot.size() ? bySlot.get(slot) : null;
        if (ring == null) {
            throw new IllegalStateException("no ring in slot " + slot);
        }
        return ring;
    }

    void add(AttachedRing ring) {
        rings.add(ring);
        byId.put(ring.ringId, ring);
    }

    /** The ring's slot is journaled, or about to be. */
    void seat(AttachedRing ring, int slot) {
        while (bySlot.size() <= slot) {
            bySlot.add(null);
        }
        bySlot.set(slot, ring);
        ring.slot = slot;
    }

    /** Rings that have a slot. */
    int seated() {
        int seated = 0;
        for (AttachedRing ring : rings) {
            seated += ring.slot >= 0 ? 1 : 0;
        }
        return seated;
    }

    /** True when a place among them becomes free. */
    boolean anySeatedIsClosing() {
        return rings.stream().anyMatch(ring -> ring.slot >= 0 && ring.isClosing());
    }

    int freeSlot() {
        int slot = 0;
        while (slot < bySlot.size() && bySlot.get(slot) != null) {
            slot++;
        }
        return slot;
    }

    void remove(AttachedRing ring) {
        rings.remove(ring);
        byId.remove(ring.ringId, ring);
        if (ring.slot >= 0) {
            bySlot.set(ring.slot, null);
        }
        lastFound = null;
    }
}
