package io.chainring.ring.backend;

import io.chainring.base.fault.FaultPoints;
import io.chainring.ring.execute.Chain;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.signal.KilledException;
import io.chainring.ring.turn.KillPoint;
import java.util.List;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.jspecify.annotations.Nullable;

/**
 * Where the actors of one disk die on purpose: at the next {@link KillPoint} that they pass, whatever it is, or at one that
 * was named. It outlives all of them, is armed from any thread, and acts as often as it was armed. Of a disk that nobody
 * arms or counts a pass costs two reads.
 *
 * <p>At a named point an error is thrown there and then. A hard stop acts after the message in hand. A signal reaches a
 * backend like any other: deferred while it is masked (I7), else in its mailbox; nobody else has a mask.
 */
public final class KillSwitch {
    /** Watches a disk's actors pass their kill points; a test throws from here. */
    @FunctionalInterface
    public interface Probe {
        /** An actor passes a point. */
        void at(KillPoint point, @Nullable Chain chain);
    }

    private final @Nullable Probe probe;
    private final FaultPoints<KillPoint, KillMode> points = new FaultPoints<>(KillPoint.class);
    private volatile boolean armed;

    /** A switch without a probe. */
    public KillSwitch() {
        this.probe = null;
    }

    /** A switch that also shows each point to a probe. */
    public KillSwitch(Probe probe) {
        this.probe = probe;
    }

    /** The backend's next point is its last. */
    public void arm() {
        armed = true;
    }

    /** The named points, to arm and to count. */
    public FaultPoints<KillPoint, KillMode> points() {
        return points;
    }

    /** All points that were passed or not, since they are counted. */
    public List<FaultPoints.Count<KillPoint>> counts() {
        return points.counts();
    }

    /** The backend passes a point; returns how it is to die there and then, or null. */
    @Nullable KillMode atBackend(KillPoint point, @Nullable Chain chain) {
        actIfArmed();
        return at(point, chain);
    }

    /** Anybody passes a point on any thread; returns how he is to die, or null. */
    public @Nullable KillMode at(KillPoint point, @Nullable Chain chain) {
        if (probe != null) {
            probe.at(point, chain);
        }
        return points.pass(point);
    }

    /**
     * An actor without a mask passes a point in its own thread, and dies there of whatever waits for it.
     *
     * @throws KilledException unless it is a hard stop
     */
    public void at(KillPoint point, ActorContext<?> passing) {
        KillMode mode = at(point, (Chain) null);
        if (mode == KillMode.STOP) {
            stop(passing);
        } else if (mode != null) {
            throw new KilledException("killed at " + point + ": " + mode);
        }
    }

    /** Its parent hears of the end of an actor as of one that it stopped itself; what it has in hand is done before. */
    static void stop(ActorContext<?> actor) {
        Adapter.toClassic(actor).stop(Adapter.toClassic(actor.getSelf()));
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
