package io.chainring.ring.backend;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.signal.KilledException;
import io.chainring.ring.turn.KillPoint;
import org.jspecify.annotations.Nullable;

/**
 * Makes a backend die of a thrown error at the next {@link KillPoint} that it passes, in whatever it is doing. Armed by
 * the supervisor's door from any thread; acts once.
 */
public final class KillSwitch {
    /** Watches a backend pass its kill points; a test or chaos throws from here. */
    @FunctionalInterface
    public interface Probe {
        /** The backend passes a point. */
        void at(KillPoint point, @Nullable Chain chain);
    }

    private final Probe probe;
    private volatile boolean armed;

    /** A switch without a probe. */
    public KillSwitch() {
        this((point, chain) -> {});
    }

    /** A switch that also shows each point to a probe. */
    public KillSwitch(Probe probe) {
        this.probe = probe;
    }

    /** The next point is the last. */
    public void arm() {
        armed = true;
    }

    void at(KillPoint point, @Nullable Chain chain) {
        actIfArmed();
        probe.at(point, chain);
    }

    void actIfArmed() {
        if (armed) {
            armed = false;
            throw new KilledException("killed by an injected error");
        }
    }

    /** A death that was not in the cards: the incarnation that was meant is gone. */
    void disarm() {
        armed = false;
    }
}
