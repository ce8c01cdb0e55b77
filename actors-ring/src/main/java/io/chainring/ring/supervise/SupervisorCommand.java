package io.chainring.ring.supervise;

import io.chainring.ring.signal.KillMode;
import io.chainring.ring.turn.KillPoint;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;

/** What a disk's supervisor is told. */
public sealed interface SupervisorCommand
        permits SupervisorCommand.OpenRing,
                SupervisorCommand.Kill,
                SupervisorCommand.Grown,
                SupervisorCommand.Stop,
                SupervisorInput {

    /** See {@link RingService#openRing}. */
    record OpenRing(long ringId, RingDoor.Wish wish) implements SupervisorCommand {}

    /** See {@link RingService#closeRing}. In any state of the ring, any number of times. */
    record CloseRing(long ringId) implements SupervisorInput {}

    /** Who is to be killed. */
    enum Target {
        BACKEND(KillPoint.TAKEN, KillPoint.RING_CLOSED),
        HOST(KillPoint.HOST_STARTING, KillPoint.HOST_SYNCED),
        /** Of several the one whose ring has been there longest. */
        FRONTEND(KillPoint.FRONTEND_SUBMITTING, KillPoint.FRONTEND_CLOSING),
        /** And with it all others. */
        SUPERVISOR(KillPoint.SUPERVISOR_STARTS_HOST, KillPoint.SUPERVISOR_FORGETS_RING);

        private final Set<KillPoint> points;

        Target(KillPoint first, KillPoint last) {
            points = Collections.unmodifiableSet(EnumSet.range(first, last));
        }

        /** The points that it passes. */
        public Set<KillPoint> points() {
            return points;
        }
    }

    /**
     * The door for kills.
     *
     * @param replyTo told whether there was somebody to kill: between death and restart there is not
     */
    record Kill(Target target, KillMode mode, ActorRef<Boolean> replyTo)
            implements SupervisorCommand {}

    /**
     * The disk has grown to at least that size. Answered when the backend lets chains in up to there and rings that
     * open from now on are told so; those that are open keep the size that they were told. Not answered when this
     * supervisor dies before: its successor begins with the new size.
     */
    record Grown(long capacityBytes, ActorRef<Done> replyTo) implements SupervisorCommand {}

    /**
     * Close all rings, finish what has begun, stop. Answered when the supervisor and its children have ended, also when
     * it dies instead. Best made by {@link RingDoor#stop}, which also answers when no supervisor reads this any more.
     */
    record Stop(ActorRef<Done> replyTo) implements SupervisorCommand {}
}
