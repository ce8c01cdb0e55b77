package io.chainring.ring.supervise;

import io.chainring.ring.frontend.FrontendCommand;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * The rings of one disk, from the wish to open one until its frontend has stopped.
 *
 * <pre>
 *   wished --(rings that were closing are gone, I9)--> open --> closing --> departing --> gone
 * </pre>
 */
final class OpenRings {
    private record Wish(SupervisorCommand.OpenRing open, Set<Long> waitsFor) {}

    private final Map<Long, Ring> rings = new LinkedHashMap<>();
    private final List<Wish> wishes = new ArrayList<>();
    private final Map<ActorRef<Void>, Ring> departing = new HashMap<>();

    Collection<Ring> all() {
        return rings.values();
    }

    List<Long> ids() {
        return List.copyOf(rings.keySet());
    }

    @Nullable Ring byId(long ringId) {
        return rings.get(ringId);
    }

    void add(Ring ring) {
        rings.put(ring.ringId(), ring);
    }

    /** True when the wish has to wait for rings that are closing now; {@link #remove} hands it out later. */
    boolean mustWait(SupervisorCommand.OpenRing open) {
        Set<Long> waitsFor = new HashSet<>();
        for (Ring ring : rings.values()) {
            if (ring.isClosing()) {
                waitsFor.add(ring.ringId());
            }
        }
        if (!waitsFor.isEmpty()) {
            wishes.add(new Wish(open, waitsFor));
        }
        return !waitsFor.isEmpty();
    }

    /** Drops a wish; false when there is none for that ring. */
    boolean cancel(long ringId) {
        for (Wish wish : wishes) {
            if (wish.open().ringId() == ringId) {
                wishes.remove(wish);
                wish.open().sink().closed("closed before it was open");
                return true;
            }
        }
        return false;
    }

    /** Drops all wishes. */
    void cancelAll(String reason) {
        wishes.forEach(wish -> wish.open().sink().closed(reason));
        wishes.clear();
    }

    /** Takes a ring out that is detached, and returns the wishes that waited for it last. */
    List<SupervisorCommand.OpenRing> remove(Ring ring) {
        rings.remove(ring.ringId());
        List<SupervisorCommand.OpenRing> ready = new ArrayList<>();
        for (Wish wish : List.copyOf(wishes)) {
            wish.waitsFor().remove(ring.ringId());
            if (wish.waitsFor().isEmpty()) {
                wishes.remove(wish);
                ready.add(wish.open());
            }
        }
        return ready;
    }

    /** Its frontend was told to stop. */
    void depart(ActorRef<FrontendCommand> frontend, Ring ring) {
        departing.put(asVoid(frontend), ring);
    }

    /** The ring whose frontend was told to stop and has, or null. */
    @Nullable Ring departed(ActorRef<Void> frontend) {
        return departing.remove(frontend);
    }

    @Nullable Ring ofFrontend(ActorRef<Void> frontend) {
        for (Ring ring : rings.values()) {
            if (frontend.equals(ring.frontend())) {
                return ring;
            }
        }
        return null;
    }

    boolean isEmpty() {
        return rings.isEmpty() && departing.isEmpty();
    }

    /** The supervisor ends: everybody hears it. */
    void endAll(String reason) {
        cancelAll(reason);
        rings.values().forEach(ring -> ring.sink().closed(reason));
        departing.values().forEach(ring -> ring.sink().closed(reason));
    }

    /** How {@link org.apache.pekko.actor.typed.Terminated} names an actor. */
    @SuppressWarnings("unchecked")
    private static ActorRef<Void> asVoid(ActorRef<FrontendCommand> frontend) {
        return (ActorRef<Void>) (ActorRef<?>) frontend;
    }
}
